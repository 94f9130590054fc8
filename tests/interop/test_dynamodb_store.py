"""The embedded store as boto3 sees it: the oracle for names, codes and shapes is botocore's model of the service, which
parses every answer, and the messages are those that the service gives."""

import concurrent.futures
import json
import random
import signal
import subprocess
import threading
import time
from decimal import Decimal

import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from conftest import SMELT
from dynamodb_server import Server

@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lake"))
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def client(server):
    return server.client()


def create(client, name, sort="S", **more):
    attributes = [{"AttributeName": "pk", "AttributeType": "S"}]
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    if sort:
        attributes.append({"AttributeName": "sk", "AttributeType": sort})
        keys.append({"AttributeName": "sk", "KeyType": "RANGE"})
    more.setdefault("BillingMode", "PAY_PER_REQUEST")
    return client.create_table(TableName=name, AttributeDefinitions=attributes, KeySchema=keys, **more)


@pytest.fixture()
def table(client, request):
    name = request.node.name.replace("[", ".").replace("]", "")
    create(client, name)
    yield name
    client.delete_table(TableName=name)


def refused(code, call, **arguments):
    """The message with which the call is refused."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == code
    return error.value.response["Error"]["Message"]


def put(client, table, pk, sk, **attributes):
    client.put_item(TableName=table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})


# Tables

def test_a_table_is_created_described_listed_changed_and_deleted(client):
    created = create(client, "life", BillingMode="PROVISIONED",
                     ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})["TableDescription"]
    client.get_waiter("table_exists").wait(TableName="life", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    described = client.describe_table(TableName="life")["Table"]
    assert described == created
    assert described["TableStatus"] == "ACTIVE"
    assert described["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
    assert described["TableArn"].endswith(":table/life")
    assert "life" in client.list_tables()["TableNames"]

    changed = client.update_table(TableName="life", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 60})
    assert changed["TableDescription"]["ProvisionedThroughput"]["WriteCapacityUnits"] == 60
    assert "LastIncreaseDateTime" in changed["TableDescription"]["ProvisionedThroughput"]
    on_demand = client.update_table(TableName="life", BillingMode="PAY_PER_REQUEST")["TableDescription"]
    assert on_demand["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert on_demand["ProvisionedThroughput"]["WriteCapacityUnits"] == 0

    put(client, "life", "a", "b")
    described = client.describe_table(TableName="life")["Table"]
    assert (described["ItemCount"], described["TableSizeBytes"]) == (1, 6)
    assert client.delete_table(TableName="life")["TableDescription"]["TableStatus"] == "DELETING"
    client.get_waiter("table_not_exists").wait(TableName="life", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    assert "life" not in client.list_tables()["TableNames"]


def test_tables_that_are_there_or_not_are_told_apart(client, table):
    assert refused("ResourceInUseException", create, client=client, name=table) == f"Table already exists: {table}"
    assert refused("ResourceNotFoundException", client.describe_table, TableName="none") == \
        "Requested resource not found: Table: none not found"
    assert refused("ResourceNotFoundException", client.get_item, TableName="none", Key={"pk": {"S": "a"}}) == \
        "Requested resource not found"


def test_tables_are_listed_in_pages(client):
    names = [f"page{i}" for i in range(5)]
    for name in names:
        create(client, name)
    pages = client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2})
    assert [n for page in pages for n in page["TableNames"] if n.startswith("page")] == names
    for name in names:
        client.delete_table(TableName=name)


def test_create_table_refuses_what_the_service_refuses(client):
    assert refused("ValidationException", create, client=client, name="ab") == \
        "TableName must be at least 3 characters long and at most 255 characters long"
    assert "regular expression pattern: [a-zA-Z0-9_.-]+" in refused("ValidationException", create, client=client, name="a b c")
    assert refused("ValidationException", create, client=client, name="abc", BillingMode="PROVISIONED").endswith(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
    assert refused("ValidationException", client.create_table, TableName="abc", BillingMode="PAY_PER_REQUEST",
                   AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
                   KeySchema=[{"AttributeName": "b", "KeyType": "HASH"}]).endswith(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: [b], AttributeDefinitions: [a]")
    assert "GlobalSecondaryIndexes is not supported" in refused(
        "ValidationException", create, client=client, name="abc", GlobalSecondaryIndexes=[{
            "IndexName": "idx", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}}])


def test_a_protected_table_is_not_deleted(client):
    create(client, "kept", DeletionProtectionEnabled=True)
    assert "protected against deletion" in refused("ValidationException", client.delete_table, TableName="kept")
    client.update_table(TableName="kept", DeletionProtectionEnabled=False)
    client.delete_table(TableName="kept")


# Items

EVERYTHING = {
    "pk": {"S": "k"}, "sk": {"S": "\u00e9\U0001f600\u0000\"\\"}, "n": {"N": "-12345678901234567890123456789012345678"},
    "small": {"N": "1E-130"}, "b": {"B": bytes(range(256))}, "yes": {"BOOL": True}, "null": {"NULL": True}, "empty": {"S": ""},
    "l": {"L": [{"S": "a"}, {"L": []}, {"M": {"x": {"N": "1"}}}]}, "m": {"M": {"a.b": {"M": {}}}},
    "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "1.5"]}, "bs": {"BS": [b"", b"\xff"]},
}


def test_every_type_comes_back_as_it_went(client, table):
    client.put_item(TableName=table, Item=EVERYTHING)
    key = {name: EVERYTHING[name] for name in ("pk", "sk")}
    item = client.get_item(TableName=table, Key=key)["Item"]
    expected = dict(EVERYTHING, small={"N": "0." + "0" * 129 + "1"})
    for name in ("ss", "ns", "bs"):
        kind = next(iter(expected[name]))
        assert sorted(item[name][kind]) == sorted(expected[name][kind])
        del item[name], expected[name]
    assert item == expected


def test_the_resource_interface_works_with_decimals(server, table):
    resource = server.resource().Table(table)
    resource.put_item(Item={"pk": "a", "sk": "1", "price": Decimal("19.990"), "tags": {"x", "y"}, "raw": {"deep": [1, None]}})
    item = resource.get_item(Key={"pk": "a", "sk": "1"})["Item"]
    assert item["price"] == Decimal("19.99") and item["tags"] == {"x", "y"} and item["raw"] == {"deep": [Decimal(1), None]}
    with resource.batch_writer() as batch:
        for i in range(60):
            batch.put_item(Item={"pk": "b", "sk": f"{i:03}", "v": i})
    found = resource.query(KeyConditionExpression=Key("pk").eq("b") & Key("sk").between("010", "019"),
                           FilterExpression=Attr("v").gte(15) & ~Attr("v").is_in([16]))
    assert [int(item["v"]) for item in found["Items"]] == [15, 17, 18, 19]
    assert found["ScannedCount"] == 10


def test_put_and_delete_return_what_was_there(client, table):
    assert "Attributes" not in client.put_item(TableName=table, Item={"pk": {"S": "a"}, "sk": {"S": "1"}}, ReturnValues="ALL_OLD")
    old = client.put_item(TableName=table, Item={"pk": {"S": "a"}, "sk": {"S": "1"}, "v": {"N": "2"}}, ReturnValues="ALL_OLD",
                          ReturnConsumedCapacity="INDEXES")
    assert old["Attributes"] == {"pk": {"S": "a"}, "sk": {"S": "1"}}
    assert old["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}
    gone = client.delete_item(TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "1"}}, ReturnValues="ALL_OLD")
    assert gone["Attributes"]["v"] == {"N": "2"}
    assert "Item" not in client.get_item(TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "1"}})
    assert client.delete_item(TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "1"}})["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("item, message", [
    ({"sk": {"S": "a"}}, "One or more parameter values were invalid: Missing the key pk in the item"),
    ({"pk": {"N": "1"}, "sk": {"S": "a"}},
     "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"),
    ({"pk": {"S": ""}, "sk": {"S": "a"}},
     "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string "
     "value. Key: pk"),
    ({"pk": {"S": "x" * 2049}, "sk": {"S": "a"}},
     "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ({"pk": {"S": "x"}, "sk": {"S": "a" * 1025}},
     "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes"),
    ({"pk": {"S": "x"}, "sk": {"S": "a"}, "v": {"S": "y" * 409600}}, "Item size has exceeded the maximum allowed size"),
    ({"pk": {"S": "x"}, "sk": {"S": "a"}, "v": {"N": "1" * 39}},
     "Attempting to store more than 38 significant digits in a Number"),
    ({"pk": {"S": "x"}, "sk": {"S": "a"}, "v": {"N": "abc"}},
     "The parameter cannot be converted to a numeric value: abc"),
    ({"pk": {"S": "x"}, "sk": {"S": "a"}, "v": {"SS": []}},
     "One or more parameter values were invalid: An string set  may not be empty"),
    ({"pk": {"S": "x"}, "sk": {"S": "a"}, "v": {"SS": ["a", "a"]}},
     "One or more parameter values were invalid: Input collection [a, a] contains duplicates."),
], ids=lambda value: "")
def test_put_refuses_items_in_the_services_words(client, item, message):
    try:
        create(client, "words")
    except client.exceptions.ResourceInUseException:
        pass
    assert refused("ValidationException", client.put_item, TableName="words", Item=item) == message


def test_the_largest_item_fits(client, table):
    rest = 400 * 1024 - len("pk" "x" "sk" "a" "v")
    client.put_item(TableName=table, Item={"pk": {"S": "x"}, "sk": {"S": "a"}, "v": {"S": "y" * rest}})
    item = client.get_item(TableName=table, Key={"pk": {"S": "x"}, "sk": {"S": "a"}}, ReturnConsumedCapacity="TOTAL",
                           ConsistentRead=True)
    assert len(item["Item"]["v"]["S"]) == rest
    assert item["ConsumedCapacity"]["CapacityUnits"] == 100.0


# Conditions

def test_a_condition_decides(client, table):
    item = {"pk": {"S": "a"}, "sk": {"S": "1"}, "fence": {"N": "7"}}
    absent = {"ConditionExpression": "attribute_not_exists(pk)"}
    client.put_item(TableName=table, Item=item, **absent)
    assert refused("ConditionalCheckFailedException", client.put_item, TableName=table, Item=item, **absent) == \
        "The conditional request failed"
    with pytest.raises(ClientError) as error:
        client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk) OR fence < :f",
                        ExpressionAttributeValues={":f": {"N": "7"}}, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert error.value.response["Item"] == item
    client.put_item(TableName=table, Item=dict(item, fence={"N": "8"}), ConditionExpression="fence <= :f",
                    ExpressionAttributeValues={":f": {"N": "7.0"}})
    refused("ConditionalCheckFailedException", client.delete_item, TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "1"}},
            ConditionExpression="#f = :f", ExpressionAttributeNames={"#f": "fence"}, ExpressionAttributeValues={":f": {"N": "7"}})
    client.delete_item(TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "1"}}, ConditionExpression="attribute_exists(fence)")


@pytest.mark.parametrize("expression, values, message", [
    ("", None, "Invalid ConditionExpression: The expression can not be empty;"),
    ("a = ", None, 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "= "'),
    ("a = :a", None, "Invalid ConditionExpression: An expression attribute value used in expression is not defined; "
                     "attribute value: :a"),
    ("status = :a", {":a": {"S": "x"}},
     "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: status"),
    ("a = :a", {":a": {"S": "x"}, ":b": {"S": "x"}},
     "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}"),
    ("foo(a)", None, "Invalid ConditionExpression: Invalid function name; function: foo"),
    ("a BETWEEN :a AND :b", {":a": {"N": "2"}, ":b": {"N": "1"}},
     "Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
     "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"),
], ids=lambda value: "")
def test_a_condition_that_is_wrong_is_refused_in_the_services_words(client, expression, values, message):
    try:
        create(client, "words")
    except client.exceptions.ResourceInUseException:
        pass
    arguments = {"ExpressionAttributeValues": values} if values else {}
    assert refused("ValidationException", client.put_item, TableName="words", Item={"pk": {"S": "a"}, "sk": {"S": "b"}},
                   ConditionExpression=expression, **arguments) == message


# Batches

def test_batches_write_and_read(client, table):
    writes = [{"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"S": str(i)}}}} for i in range(25)]
    answer = client.batch_write_item(RequestItems={table: writes}, ReturnConsumedCapacity="TOTAL")
    assert answer["UnprocessedItems"] == {}
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 25.0}]
    client.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"S": "0"}}}}]})
    keys = [{"pk": {"S": "a"}, "sk": {"S": str(i)}} for i in range(30)]
    answer = client.batch_get_item(RequestItems={table: {"Keys": keys, "ProjectionExpression": "sk"}})
    assert sorted(int(item["sk"]["S"]) for item in answer["Responses"][table]) == list(range(1, 25))
    assert answer["UnprocessedKeys"] == {}


def test_a_batch_with_a_fault_writes_nothing(client, table):
    item = {"pk": {"S": "a"}, "sk": {"S": "1"}}
    many = [{"PutRequest": {"Item": dict(item, sk={"S": str(i)})}} for i in range(26)]
    assert refused("ValidationException", client.batch_write_item, RequestItems={table: many}).endswith(
        "Member must have length less than or equal to 25, Member must have length greater than or equal to 1]")
    assert refused("ValidationException", client.batch_write_item,
                   RequestItems={table: [{"PutRequest": {"Item": item}}, {"DeleteRequest": {"Key": item}}]}) == \
        "Provided list of item keys contains duplicates"
    refused("ValidationException", client.batch_write_item,
            RequestItems={table: [{"PutRequest": {"Item": item}}, {"PutRequest": {"Item": {"pk": {"S": "a"}}}}]})
    assert client.scan(TableName=table)["Count"] == 0
    keys = [{"pk": {"S": "a"}, "sk": {"S": str(i)}} for i in range(101)]
    assert refused("ValidationException", client.batch_get_item, RequestItems={table: {"Keys": keys}}) == \
        "Too many items requested for the BatchGetItem call"


def test_a_batch_that_reads_more_than_16_mb_leaves_keys_over(client, table):
    for i in range(45):
        put(client, table, "a", str(i), v={"S": "x" * 400_000})
    rest, found = {table: {"Keys": [{"pk": {"S": "a"}, "sk": {"S": str(i)}} for i in range(45)]}}, 0
    rounds = 0
    while rest:
        answer = client.batch_get_item(RequestItems=rest)
        found += len(answer["Responses"].get(table, []))
        rest, rounds = answer["UnprocessedKeys"], rounds + 1
    assert (found, rounds) == (45, 2)


# Query and Scan

@pytest.mark.parametrize("condition, expected", [
    ("sk = :a", [3]), ("sk < :a", [0, 1, 2]), ("sk <= :a", [0, 1, 2, 3]), ("sk > :a", [4, 5, 6, 7, 8, 9]),
    (":a <= sk", [3, 4, 5, 6, 7, 8, 9]), ("sk BETWEEN :a AND :b", [3, 4, 5]),
])
def test_query_ranges_over_numbers(client, condition, expected):
    numbers = ["-1E50", "-10", "-9.5", "0", "1E-20", "2", "10", "10.5", "1E2", "1E120"]
    try:
        create(client, "numbers", sort="N")
        for i, number in enumerate(random.Random(1).sample(list(enumerate(numbers)), len(numbers))):
            client.put_item(TableName="numbers", Item={"pk": {"S": "a"}, "sk": {"N": number[1]}, "i": {"N": str(number[0])}})
    except client.exceptions.ResourceInUseException:
        pass
    values = {":p": {"S": "a"}, ":a": {"N": numbers[3]}}
    if ":b" in condition:
        values[":b"] = {"N": numbers[5]}
    for forward in (True, False):
        items = client.query(TableName="numbers", KeyConditionExpression="pk = :p AND " + condition, ScanIndexForward=forward,
                             ExpressionAttributeValues=values)["Items"]
        assert [int(item["i"]["N"]) for item in items] == (expected if forward else expected[::-1])


def test_query_pages_through_strings_in_byte_order(client, table):
    keys = sorted(["", "a", "A", "\u00e9", "\u0000", "zz", "z\U0001f600", "z\uffff", "~"], key=lambda key: key.encode())
    keys.remove("")
    for key in keys:
        put(client, table, "p", key, v={"S": key})
    put(client, table, "q", "other")
    for limit in (1, 3, 100):
        pages = list(client.get_paginator("query").paginate(
            TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}},
            PaginationConfig={"PageSize": limit}))
        assert [item["sk"]["S"] for page in pages for item in page["Items"]] == keys
    starts = client.query(TableName=table, KeyConditionExpression="pk = :p AND begins_with(sk, :z)",
                          ExpressionAttributeValues={":p": {"S": "p"}, ":z": {"S": "z"}}, Select="COUNT")
    assert starts["Count"] == 3 and "Items" not in starts


def test_query_refuses_what_the_service_refuses(client, table):
    values = {":p": {"S": "p"}, ":s": {"S": "s"}}
    one = {":p": {"S": "p"}}

    def message(expression, values=values, **more):
        return refused("ValidationException", client.query, TableName=table, KeyConditionExpression=expression,
                       ExpressionAttributeValues=values, **more)

    assert message("sk = :p", one) == "Query condition missed key schema element: pk"
    assert message("pk > :p", one) == "Query key condition not supported"
    assert message("pk = :p AND v = :s") == "Query condition missed key schema element: sk"
    assert message("pk = :p OR sk = :s") == "Invalid operator used in KeyConditionExpression: OR"
    assert message("pk = :p AND pk = :s") == "KeyConditionExpressions must only contain one condition per key"
    assert message("pk = :p", {":p": {"N": "1"}}) == \
        "One or more parameter values were invalid: Condition parameter type does not match schema type"
    assert message("pk = :p", FilterExpression="sk = :s") == \
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"
    assert message("pk = :p", one, IndexName="idx") == "The table does not have the specified index: idx"
    assert message("pk = :p", one, ExclusiveStartKey={"pk": {"S": "other"}, "sk": {"S": "a"}}) == \
        "The provided starting key is outside query boundaries based on provided conditions"
    assert message("pk = :p", one, Select="COUNT", ProjectionExpression="a").endswith(
        "Cannot specify the ProjectionExpression when choosing to get only the Count")


def test_scan_segments_cover_the_table_once(client, table):
    expected = set()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for i in range(200):
            expected.add((f"p{i % 50}", str(i)))
        list(pool.map(lambda key: put(client, table, *key, v={"N": key[1]}), expected))
    for segments in (1, 3, 7):
        seen = []
        for segment in range(segments):
            pages = client.get_paginator("scan").paginate(TableName=table, Segment=segment, TotalSegments=segments,
                                                          PaginationConfig={"PageSize": 7})
            seen += [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]
        assert len(seen) == 200 and set(seen) == expected
    some = client.scan(TableName=table, FilterExpression="v < :ten", ExpressionAttributeValues={":ten": {"N": "10"}},
                       ProjectionExpression="#v", ExpressionAttributeNames={"#v": "v"}, ReturnConsumedCapacity="TOTAL")
    assert sorted(int(item["v"]["N"]) for item in some["Items"]) == list(range(10))
    assert some["ScannedCount"] == 200 and all(set(item) == {"v"} for item in some["Items"])
    assert some["ConsumedCapacity"]["CapacityUnits"] == 0.5


def test_a_page_ends_with_the_item_that_reaches_1_mb(client, table):
    for i in range(30):
        put(client, table, "p", f"{i:02}", v={"S": "x" * 100_000})
    page = client.query(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}})
    assert page["Count"] == 11 and page["LastEvaluatedKey"] == {"pk": {"S": "p"}, "sk": {"S": "10"}}
    pages = client.get_paginator("scan").paginate(TableName=table)
    assert [page["Count"] for page in pages] == [11, 11, 8]


def test_scan_refuses_segments_and_limits_that_make_no_sense(server, client, table):
    assert refused("ValidationException", client.scan, TableName=table, Segment=3, TotalSegments=3) == \
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 3 is not less than " \
        "TotalSegments: 3"
    assert "TotalSegments parameter is required" in refused("ValidationException", client.scan, TableName=table, Segment=1)
    unchecked = server.client(parameter_validation=False)
    assert refused("ValidationException", unchecked.scan, TableName=table, Limit=0, Select="SOME") == \
        "2 validation errors detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than " \
        "or equal to 1; Value 'SOME' at 'select' failed to satisfy constraint: Member must satisfy enum value set: " \
        "[ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES, SPECIFIC_ATTRIBUTES, COUNT]"
    assert refused("SerializationException", unchecked.scan, TableName=table, FilterExpression=7) == \
        "NUMBER_VALUE cannot be converted to String"


def test_what_is_not_built_is_refused_by_name(client, table):
    assert "UpdateItem is not supported" in refused(
        "UnknownOperationException", client.update_item, TableName=table, Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
    assert "KeyConditions is not supported" in refused(
        "ValidationException", client.query, TableName=table,
        KeyConditions={"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}})


# The file

def test_the_file_has_one_owner(server):
    second = subprocess.run([str(SMELT), "dynamodb", "serve", "--lake", str(server.lake)],
                            capture_output=True, text=True, timeout=20)
    assert second.returncode == 1
    assert f"process {server.process.pid}" in second.stderr


def test_what_was_acknowledged_survives_kill_9(tmp_path):
    acknowledged = {}
    lock = threading.Lock()
    for round_number in range(3):
        server = Server(tmp_path)
        client = server.client()
        if round_number == 0:
            create(client, "crash")

        def write(worker):
            local = server.client()
            for i in range(100_000):
                key, value = f"{worker}-{i % 50}", f"{round_number}-{i}"
                try:
                    local.put_item(TableName="crash", Item={"pk": {"S": key}, "sk": {"S": "s"}, "v": {"S": value}})
                except (EndpointConnectionError, HTTPClientError, ClientError):
                    return
                with lock:
                    acknowledged[key] = value

        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.7)
        server.kill()
        for thread in threads:
            thread.join()

        server = Server(tmp_path)
        pages = server.client().get_paginator("scan").paginate(TableName="crash")
        found = {item["pk"]["S"]: item["v"]["S"] for page in pages for item in page["Items"]}
        for key, value in acknowledged.items():
            number, i = value.split("-")
            # The write after the last acknowledged one may have got through too.
            assert found[key] in (value, f"{number}-{int(i) + 50}") or int(found[key].split("-")[0]) == round_number
        description = server.client().describe_table(TableName="crash")["Table"]
        assert description["ItemCount"] == len(found)
        assert server.stop() == 0
    assert len(acknowledged) > 20


def test_the_command_line_shows_what_is_there(smelt, tmp_path):
    server = Server(tmp_path)
    create(server.client(), "daily", sort="N")
    for i in range(3):
        server.client().put_item(TableName="daily", Item={"pk": {"S": "2011-01-01"}, "sk": {"N": str(i)}, "tags": {"SS": ["a", "b"]}})
    busy = smelt("dynamodb", "scan", "daily", "--lake", tmp_path, check=False)
    assert busy.returncode == 1 and f"process {server.process.pid}" in busy.stderr
    server.stop()

    def at_lake(*arguments, **more):
        return smelt("dynamodb", *arguments, "--lake", tmp_path, cwd=tmp_path, **more)

    key = json.dumps({"pk": "2011-01-01", "sk": 2})
    item = json.loads(at_lake("get", "daily", "--key", key, "--output", "json").stdout)
    assert item == {"pk": {"S": "2011-01-01"}, "sk": {"N": "2"}, "tags": {"SS": ["a", "b"]}}
    assert "{a, b}" in at_lake("get", "daily", "--key", key).stdout
    items = json.loads(at_lake("scan", "daily", "--output", "json").stdout)
    assert [item["sk"]["N"] for item in items] == ["0", "1", "2"]
    some = at_lake("scan", "daily", "--limit", "2")
    assert some.stdout.count("2011-01-01") == 2 and "There are more" in some.stderr
    assert at_lake("tables").stdout == "daily\n"
    absent = at_lake("get", "daily", "--key", json.dumps({"pk": "x", "sk": 1}), check=False)
    assert absent.returncode == 1 and "no item with the key" in absent.stderr
    wrong = at_lake("get", "daily", "--key", "2011-01-01", check=False)
    assert wrong.returncode == 2 and '{"pk": "<S>", "sk": <N>}' in wrong.stderr


def test_sigterm_ends_it_in_order(tmp_path):
    server = Server(tmp_path)
    create(server.client(), "abc")
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(timeout=20) in (0, 130)
