"""Lives an endpoint's whole life with boto3, which finds smlocal by AWS_ENDPOINT_URL.

Reads what to live through (`Life` of story.ts) from standard input as JSON; writes what it saw (`Story`) likewise.
"""

import json
import sys
from datetime import datetime

import boto3
from botocore.exceptions import ClientError

WAITING = {"Delay": 1, "MaxAttempts": 90}

sagemaker = boto3.client("sagemaker")
runtime = boto3.client("sagemaker-runtime")


def main(life):
    name = life["name"]
    endpoint = f"{name}-endpoint"
    models = [f"{name}-model-1", f"{name}-model-2"]
    configs = [f"{name}-config-1", f"{name}-config-2"]

    model_arn = create_model(models[0], life["container"])
    config_arn = create_config(configs[0], models[0], "First")
    endpoint_arn = sagemaker.create_endpoint(
        EndpointName=endpoint, EndpointConfigName=configs[0], Tags=life["tags"]
    )["EndpointArn"]
    created = describe(endpoint)

    tags = tag(endpoint_arn)
    create_model(models[1], life["container"])
    create_config(configs[1], models[1], "Second")
    listed = {
        "models": names("list_models", "Models", "ModelName", name),
        "endpointConfigs": names("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", name),
        "endpoints": names("list_endpoints", "Endpoints", "EndpointName", name),
    }

    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint, WaiterConfig=WAITING)
    in_service = describe(endpoint)
    answer = invoke(endpoint, life["good"])
    refusal = refused(lambda: invoke(endpoint, life["bad"]))

    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=configs[1])
    updating = describe(endpoint)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint, WaiterConfig=WAITING)
    updated = describe(endpoint)
    answer_after_update = invoke(endpoint, life["good"])

    sagemaker.delete_endpoint(EndpointName=endpoint)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=endpoint, WaiterConfig=WAITING)
    for config in configs:
        sagemaker.delete_endpoint_config(EndpointConfigName=config)
    for model in models:
        sagemaker.delete_model(ModelName=model)

    return {
        "arns": {"model": model_arn, "endpointConfig": config_arn, "endpoint": endpoint_arn},
        "created": created,
        "inService": in_service,
        "updating": updating,
        "updated": updated,
        "listed": listed,
        "tags": tags,
        "answer": answer,
        "answerAfterUpdate": answer_after_update,
        "refusal": refusal,
        "gone": {
            "endpoint": refused(lambda: describe(endpoint)),
            "endpointConfig": refused(lambda: sagemaker.describe_endpoint_config(EndpointConfigName=configs[0])),
            "model": refused(lambda: sagemaker.describe_model(ModelName=models[0])),
        },
    }


def create_model(name, container):
    return sagemaker.create_model(ModelName=name, PrimaryContainer=container)["ModelArn"]


def create_config(name, model, variant):
    return sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": variant,
                "ModelName": model,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
    )["EndpointConfigArn"]


def describe(endpoint):
    description = sagemaker.describe_endpoint(EndpointName=endpoint)
    del description["ResponseMetadata"]
    # boto3 made these of the timestamps; anything else would have failed below.
    assert isinstance(description["CreationTime"], datetime)
    return description


def tag(arn):
    def tags():
        return sagemaker.list_tags(ResourceArn=arn)["Tags"]

    created = tags()
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "two"}])
    added = tags()
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["stage"])
    return {"created": created, "added": added, "left": tags()}


def names(operation, member, key, contains):
    pages = sagemaker.get_paginator(operation).paginate(
        NameContains=contains, PaginationConfig={"PageSize": 1}
    )
    return [item[key] for page in pages for item in page[member]]


def invoke(endpoint, sample):
    with open(sample["file"], "rb") as body:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint,
            Body=body,
            ContentType=sample["contentType"],
            Accept="application/json",
            CustomAttributes="trace=1",
        )
    return {
        "body": answer["Body"].read().decode(),
        "contentType": answer.get("ContentType"),
        "variant": answer["InvokedProductionVariant"],
    }


def refused(call):
    try:
        call()
    except ClientError as error:
        response = error.response
        refusal = {"code": response["Error"]["Code"], "message": response["Error"]["Message"]}
        if isinstance(error, runtime.exceptions.ModelError):
            refusal["originalStatusCode"] = response["OriginalStatusCode"]
            refusal["originalMessage"] = response["OriginalMessage"]
            refusal["logStreamArn"] = response["LogStreamArn"]
        return refusal
    raise AssertionError("It was not refused.")


json.dump(main(json.load(sys.stdin)), sys.stdout, default=datetime.isoformat)
