// The example project loads and means what it says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/graph.h"
#include "pipeline/load.h"
#include "pipeline/project.h"

namespace smelt::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Retail, LoadsAsAProject) {
  const ProjectResult loaded = LoadProject(SMELT_SOURCE_DIR "/examples/retail", {});
  ASSERT_EQ(sql::RenderDiagnostics(loaded.diagnostics), "");
  const Project& project = loaded.project;
  EXPECT_EQ(project.name, "retail");
  EXPECT_EQ(project.target, "dev");
  EXPECT_EQ(project.dynamodb.kind, DynamoDbEndpoint::Kind::kEmbedded);
  ASSERT_THAT(project.pipelines, SizeIs(1));
  EXPECT_THAT(project.jobs, SizeIs(1));

  const LoadResult result = LoadPipeline(project, project.pipelines[0]);
  ASSERT_EQ(sql::RenderDiagnostics(result.diagnostics), "");
  const PipelineSpec& spec = result.spec;
  std::vector<std::string> names;
  for (const Dataset& dataset : spec.datasets) names.push_back(dataset.ToString());
  EXPECT_THAT(names, ElementsAre("main.bronze.customer_transactions", "main.silver.customers",
                                 "transactions_clean", "main.silver.customer_transactions",
                                 "main.gold.daily_sales_summary", "main.gold.customer_metrics"));
  EXPECT_THAT(spec.datasets[3].expectations, SizeIs(4));
  EXPECT_THAT(spec.datasets[3].partition_columns, ElementsAre("txn_date"));
  EXPECT_THAT(spec.sinks, SizeIs(2));
  EXPECT_THAT(spec.promises, SizeIs(2));

  const GraphResult built = BuildGraph(spec, nullptr);
  ASSERT_EQ(sql::RenderDiagnostics(built.diagnostics), "");
  std::vector<std::vector<int>> inputs;
  for (const GraphNode& node : built.graph.nodes) inputs.push_back(node.inputs);
  // bronze, customers, the clean view, silver, two of gold, two mirrors.
  EXPECT_THAT(inputs, ElementsAre(ElementsAre(), ElementsAre(), ElementsAre(0, 1), ElementsAre(2),
                                  ElementsAre(3), ElementsAre(3), ElementsAre(4), ElementsAre(5)));
}

}  // namespace
}  // namespace smelt::pipeline
