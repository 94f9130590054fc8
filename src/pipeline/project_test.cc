#include "pipeline/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace smelt::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A folder of files that goes away.
class ProjectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "project-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    Write("sql/a.sql", "");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  ProjectResult Load(ProjectOptions options = {}) {
    if (!options.environment) {
      options.environment = [this](const std::string& name) -> std::optional<std::string> {
        const auto found = environment_.find(name);
        if (found == environment_.end()) return std::nullopt;
        return found->second;
      };
    }
    return LoadProject(folder_, options);
  }

  Project LoadRight(ProjectOptions options = {}) {
    ProjectResult result = Load(std::move(options));
    EXPECT_EQ(sql::RenderDiagnostics(result.diagnostics), "");
    return std::move(result.project);
  }

  // "file:line:column message | hint", one a mistake.
  std::vector<std::string> Mistakes(ProjectOptions options = {}) {
    std::vector<std::string> mistakes;
    for (const sql::Diagnostic& d : Load(std::move(options)).diagnostics) {
      mistakes.push_back(fmt::format("{}:{}:{} {}{}", d.file, d.line, d.column, d.message,
                                     d.hint.empty() ? "" : " | " + d.hint));
    }
    return mistakes;
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> environment_;
};

constexpr char kBundle[] = R"(bundle: {name: shop}
variables:
  exports: {default: ./exports, description: where they are}
  deep: {default: "${var.exports}/deep-${bundle.target}"}
resources:
  pipelines:
    main:
      name: shop ${bundle.target}
      catalog: lakehouse
      schema: silver
      libraries: [{glob: {include: "sql/**"}}]
      configuration: {exports: "${var.exports}", deep: "${var.deep}", n: 3}
  jobs:
    nightly:
      max_concurrent_runs: 1
      tasks: [{task_key: update, pipeline_task: {pipeline_id: "${resources.pipelines.main.id}"}}]
targets:
  dev: {default: true}
  prod:
    mode: production
    variables: {exports: "s3://raw"}
    resources: {pipelines: {main: {schema: gold, configuration: {extra: x}}}}
)";

TEST_F(ProjectTest, ReadsTheBundleForItsDefaultTarget) {
  Write("databricks.yml", kBundle);
  Write("sql/deep/b.sql", "");
  Write("sql/deep/.hidden.sql", "");
  const Project project = LoadRight();
  EXPECT_EQ(project.name, "shop");
  EXPECT_EQ(project.target, "dev");
  EXPECT_EQ(project.lake, (folder_ / "lake").string());
  EXPECT_EQ(project.dynamodb.kind, DynamoDbEndpoint::Kind::kEmbedded);
  ASSERT_THAT(project.pipelines, SizeIs(1));
  const PipelineConfig& pipeline = project.pipelines[0];
  EXPECT_EQ(pipeline.key, "main");
  EXPECT_EQ(pipeline.name, "shop dev");
  EXPECT_EQ(pipeline.defaults.catalog, "lakehouse");
  EXPECT_EQ(pipeline.defaults.schema, "silver");
  EXPECT_THAT(pipeline.files, ElementsAre(folder_ / "sql/a.sql", folder_ / "sql/deep/b.sql"));
  EXPECT_EQ(pipeline.configuration.at("deep").value, "./exports/deep-dev");
  EXPECT_EQ(pipeline.configuration.at("n").value, "3");
  ASSERT_THAT(project.jobs, SizeIs(1));
  EXPECT_EQ(project.jobs[0].definition.dump(),
            R"({"max_concurrent_runs":1,"tasks":[{"task_key":"update","pipeline_task":)"
            R"({"pipeline_id":"main"}}]})");
}

TEST_F(ProjectTest, LaysTheTargetOverTheRest) {
  Write("databricks.yml", kBundle);
  const Project project = LoadRight({.target = "prod"});
  EXPECT_EQ(project.pipelines[0].defaults.schema, "gold");
  EXPECT_EQ(project.pipelines[0].configuration.at("deep").value, "s3://raw/deep-prod");
  EXPECT_EQ(project.pipelines[0].configuration.at("extra").value, "x");
}

TEST_F(ProjectTest, VariablesComeFromTheCommandLineThenTheEnvironmentThenTheTarget) {
  Write("databricks.yml", kBundle);
  environment_["BUNDLE_VAR_exports"] = "/env";
  EXPECT_EQ(LoadRight({.target = "prod"}).pipelines[0].configuration.at("exports").value, "/env");
  EXPECT_EQ(LoadRight({.variables = {{"exports", "/given"}}})
                .pipelines[0]
                .configuration.at("exports")
                .value,
            "/given");
}

TEST_F(ProjectTest, IncludesOtherFiles) {
  Write("databricks.yml", "bundle: {name: b}\ninclude: [resources/*.yml]\n");
  Write("resources/p.yml",
        "resources: {pipelines: {p: {libraries: [{file: {path: sql/a.sql}}]}}}\n");
  EXPECT_THAT(LoadRight().pipelines, SizeIs(1));
}

TEST_F(ProjectTest, ReadsWhatThisMachineIs) {
  Write("databricks.yml", kBundle);
  Write("smelt.yml", R"(targets:
  dev: {lake: "${env.LAKE}/x", dynamodb: {endpoint: "http://127.0.0.1:8000", region: eu-west-1}}
  prod:
    lake: s3://lake/prefix
    dynamodb: {region: eu-west-1, profile: shop}
    engine: {spark: "sc://spark:15002", over: 200GB}
promises:
  - {name: quality, table: silver.t, quality_score: ">= 0.98"}
notify:
  - {webhook: "${env.HOOK}"}
)");
  environment_ = {{"LAKE", "/data"}};
  const Project dev = LoadRight();
  EXPECT_EQ(dev.lake, "/data/x");
  EXPECT_EQ(dev.dynamodb.kind, DynamoDbEndpoint::Kind::kUrl);
  EXPECT_EQ(dev.dynamodb.url, "http://127.0.0.1:8000");
  EXPECT_EQ(dev.dynamodb.region, "eu-west-1");
  EXPECT_THAT(dev.webhooks, IsEmpty());
  ASSERT_THAT(dev.promises, SizeIs(1));
  EXPECT_EQ(dev.promises[0].threshold.value, ">= 0.98");

  environment_["HOOK"] = "https://hook";
  const Project prod = LoadRight({.target = "prod"});
  EXPECT_EQ(prod.lake, "s3://lake/prefix");
  EXPECT_EQ(prod.dynamodb.kind, DynamoDbEndpoint::Kind::kAws);
  EXPECT_EQ(prod.dynamodb.profile, "shop");
  EXPECT_EQ(prod.engine.spark_url, "sc://spark:15002");
  EXPECT_THAT(prod.webhooks, ElementsAre("https://hook"));

  EXPECT_EQ(LoadRight({.lake = "/other/"}).lake, "/other");
}

TEST_F(ProjectTest, AllMistakesComeOutAtOnceWithTheirPlaces) {
  Write("databricks.yml", R"(bundle: {nam: shop}
variabels: {}
resources:
  pipelines:
    p:
      catlog: main
      photon: true
      libraries: [{glob: {include: "none/*.sql"}}, {jar: x.jar}]
      configuration: {a: "${var.x}", b: [1]}
targets:
  dev: {default: maybe}
)");
  Write("smelt.yml", "targets:\n  dve: {lake: [1], dynamodb: aws}\npromises:\n- {tabel: x}\n");
  EXPECT_THAT(
      Mistakes(),
      ElementsAre(
          "databricks.yml:2:1 a bundle has no field 'variabels' | did you mean 'variables'?",
          "databricks.yml:11:18 'default' of target 'dev' must be true or false",
          "databricks.yml:1:10 bundle has no field 'nam' | did you mean 'name'?",
          "databricks.yml:1:9 the bundle has no name", "databricks.yml:9:27 there is no 'var.x'",
          "databricks.yml:6:7 pipeline 'p' has no field 'catlog' | did you mean 'catalog'?",
          "databricks.yml:9:38 configuration 'b' must be a single value",
          "databricks.yml:8:36 no SQL file matches 'none/*.sql'",
          "databricks.yml:8:58 a library of kind jar is not supported",
          "smelt.yml:2:3 databricks.yml has no target 'dve' | did you mean 'dev'?",
          "smelt.yml:2:15 'lake' of target 'dve' must be a single value",
          "smelt.yml:2:30 'dynamodb' must be `embedded`, {endpoint: URL} or {region: ..}",
          "smelt.yml:4:4 a promise has no field 'tabel' | did you mean 'table'?",
          "smelt.yml:4:3 a promise needs a table, and quality_score or median_duration"));
}

TEST_F(ProjectTest, WhatIsNotYamlIsSaidWithItsPlace) {
  Write("databricks.yml", "bundle:\n  name: [x\n");
  EXPECT_THAT(Mistakes(), ElementsAre(HasSubstr("databricks.yml:3:1 not YAML: ")));
  Write("databricks.yml", "");
  EXPECT_THAT(Mistakes(), ElementsAre(HasSubstr("the bundle has no name")));
  Write("databricks.yml", "- a\n");
  EXPECT_THAT(Mistakes(), ::testing::Contains(HasSubstr("a bundle must be a mapping")));
  Write("databricks.yml", "bundle: {name: x}\nbundle: {name: y}\n");
  EXPECT_THAT(Mistakes(), ElementsAre("databricks.yml:2:1 'bundle' is there twice"));
}

TEST_F(ProjectTest, NoTextMakesItFall) {
  const std::string bundle = kBundle;
  for (size_t size = 0; size < bundle.size(); size += 7) {
    Write("databricks.yml", bundle.substr(0, size));
    Write("smelt.yml", bundle.substr(size));
    Load();
  }
  // A small file that is a very large one.
  std::string bomb = "bundle: {name: b}\nx0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += fmt::format("x{0}: &x{0} [*x{1}, *x{1}, *x{1}, *x{1}, *x{1}, *x{1}, *x{1}, *x{1}]\n", i,
                        i - 1);
  }
  Write("databricks.yml", bomb);
  EXPECT_THAT(Mistakes(), ElementsAre(HasSubstr("the file is too large or nested too deeply")));
  Write("databricks.yml", "bundle: {name: b}\nx: &x {y: *x}\n");
  Load();
  Write("databricks.yml", "bundle: {name: " + std::string(100000, '['));
  EXPECT_THAT(Mistakes(), SizeIs(1));
}

TEST_F(ProjectTest, TargetsAndVariablesOfTheCommandLineMustExist) {
  Write("databricks.yml", kBundle);
  EXPECT_THAT(Mistakes({.target = "prd"}),
              ElementsAre("databricks.yml:18:3 there is no target 'prd' | did you mean 'prod'?"));
  EXPECT_THAT(Mistakes({.variables = {{"export", "x"}}}),
              ElementsAre("databricks.yml:3:3 the bundle has no variable of --var 'export' | did "
                          "you mean 'exports'?"));
}

TEST_F(ProjectTest, AVariableWithoutAValueIsAMistake) {
  Write("databricks.yml",
        "bundle: {name: b}\nvariables:\n  x: {description: d}\n  y: {default: "
        "\"${var.z}\"}\n  z: {default: \"${var.y}\"}\nresources: {pipelines: {p: "
        "{name: \"${var.y}\", libraries: [{file: {path: sql/a.sql}}]}}}\n");
  EXPECT_THAT(
      Mistakes(),
      ElementsAre("databricks.yml:3:3 variable 'x' has no value for target 'default' | give "
                  "it a default, or --var x=..",
                  HasSubstr("the value of 'var.y' refers to itself")));
}

TEST_F(ProjectTest, PythonIsRefusedByName) {
  Write("databricks.yml",
        "bundle: {name: b}\nresources: {pipelines: {p: {libraries: [{glob: {include: sql/**}}]}}}");
  Write("sql/x.py", "");
  EXPECT_THAT(Mistakes(), ElementsAre(HasSubstr("'sql/x.py' is Python, and pipelines in Python are "
                                                "not supported")));
}

TEST_F(ProjectTest, IsFoundFromBelow) {
  Write("databricks.yml", kBundle);
  EXPECT_EQ(FindProjectFolder(folder_ / "sql"), folder_);
  EXPECT_EQ(FindProjectFolder("/"), std::nullopt);
}

TEST_F(ProjectTest, WithoutABundleThereIsNone) {
  EXPECT_THAT(Mistakes(), ElementsAre(HasSubstr("there is no databricks.yml in this folder")));
}

TEST_F(ProjectTest, CanBeOneFile) {
  const ProjectResult result =
      SingleFileProject(folder_ / "sql/a.sql", {.variables = {{"in", "x"}}, .lake = "/l"});
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.project.name, "a");
  EXPECT_EQ(result.project.folder, folder_ / "sql");
  EXPECT_EQ(result.project.lake, "/l");
  EXPECT_EQ(result.project.pipelines[0].defaults.schema, "default");
  EXPECT_EQ(result.project.pipelines[0].configuration.at("in").value, "x");
}

}  // namespace
}  // namespace smelt::pipeline
