"""Two tutorials of serving on SageMaker, their steps as scripts with boto3 and the aws command line: a TorchServe image of one's
own, and a Flask application behind a serverless endpoint. They know nothing of smlocal. Prints what was seen."""
import json
import subprocess
import sys
import time

import boto3

shapes_model, shape, tagger_model, aws = sys.argv[1:]
saw = {}

# TorchServe on SageMaker: session, bucket, upload, model, endpoint, prediction.
sess = boto3.Session()
sm = sess.client("sagemaker")
runtime = sess.client("sagemaker-runtime")
region = sess.region_name
account = boto3.client("sts").get_caller_identity().get("Account")
role_name = boto3.client("sts").get_caller_identity()["Arn"].split("/")[1]
role = boto3.client("iam").get_role(RoleName=role_name)["Role"]["Arn"]

bucket_name = f"sagemaker-{region}-{account}"
prefix = "torchserve"
boto3.resource("s3").create_bucket(Bucket=bucket_name)
subprocess.run([aws, "s3", "cp", shapes_model, f"s3://{bucket_name}/{prefix}/models/shapes.tar.gz"], check=True, stdout=sys.stderr)


def serve(name, container, role_arn, variant):
    sm.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=role_arn)
    sm.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[{"VariantName": "AllTraffic", "ModelName": name, **variant}],
    )
    endpoint_name = name + time.strftime("-%Y-%m-%d-%H-%M-%S", time.gmtime())
    sm.create_endpoint(EndpointName=endpoint_name, EndpointConfigName=name)
    sm.get_waiter("endpoint_in_service").wait(EndpointName=endpoint_name, WaiterConfig={"Delay": 1, "MaxAttempts": 100})
    return endpoint_name


image = f"{account}.dkr.ecr.{region}.amazonaws.com/torchserve:v1"
model_data = f"s3://{bucket_name}/{prefix}/models/shapes.tar.gz"
endpoint = serve(
    "torchserve-shapes",
    {"Image": image, "ModelDataUrl": model_data},
    role,
    {"InstanceType": "ml.m4.xlarge", "InitialInstanceCount": 1},
)
with open(shape, "rb") as file:
    payload = file.read()
response = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="application/x-image", Body=payload)
classes = json.loads(response["Body"].read())
saw["shape"] = max(classes, key=classes.get)
sm.delete_endpoint(EndpointName=endpoint)

# A custom inference application: a role, a model of an image and S3 data, a serverless endpoint.
iam = boto3.client("iam")
trust = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
made = iam.create_role(RoleName="data-scientist-full-access", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
for policy in ("AmazonS3FullAccess", "AmazonSageMakerFullAccess"):
    iam.attach_role_policy(RoleName="data-scientist-full-access", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
saw["policies"] = len(iam.list_attached_role_policies(RoleName="data-scientist-full-access")["AttachedPolicies"])
boto3.client("s3").upload_file(tagger_model, bucket_name, "ner/model.tar.gz")
endpoint = serve(
    "ner",
    {"Image": f"{account}.dkr.ecr.{region}.amazonaws.com/ner:latest", "ModelDataUrl": f"s3://{bucket_name}/ner/model.tar.gz"},
    made,
    {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}},
)
question = {"EndpointName": endpoint, "ContentType": "application/json", "Body": json.dumps({"strings": ["Leon Scott Kennedy went to Raccoon City."]})}
found = json.loads(runtime.invoke_endpoint(**question)["Body"].read())
saw["entities"] = [entity["word"] for entity in found[0]]
parts = runtime.invoke_endpoint_with_response_stream(**question)["Body"]
saw["streamed"] = json.loads(b"".join(part["PayloadPart"]["Bytes"] for part in parts)) == found
sm.delete_endpoint(EndpointName=endpoint)
print(json.dumps(saw))
