"""What a script of the SageMaker Python SDK 3 does with a model and its handler; it knows nothing of smlocal. Prints what it saw."""
import json
import sys
from importlib.metadata import version

from sagemaker.core.deserializers import JSONDeserializer
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.serializers import CSVSerializer, JSONSerializer
from sagemaker.core.shapes import ContainerDefinition, ProductionVariant
from sagemaker.core.training.configs import SourceCode
from sagemaker.serve import ModelBuilder

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6-cpu-py312"

# With a bucket of its own a session asks STS for nothing.
bucket = sys.argv[1] if len(sys.argv) > 1 else None
session = Session(default_bucket=bucket)
role = get_execution_role(session) if bucket is None else "arn:aws:iam::000000000000:role/LocalSageMakerRole"
saw = {"version": version("sagemaker"), "role": role, "bucket": session.default_bucket()}
saw["uri"] = session.upload_data("model.tar.gz", key_prefix="models-3")

# The handler is packed into the archive by the SDK.
builder = ModelBuilder(
    image_uri=IMAGE,
    s3_model_data_url=saw["uri"],
    source_code=SourceCode(source_dir="code", entry_script="inference.py"),
    # One that the script names and that nobody has made.
    role_arn="arn:aws:iam::123456789012:role/service-role/TheirRole",
    sagemaker_session=session,
    instance_type="ml.m5.large",
)
first = builder.build(model_name="the-first-of-3")
saw["built"] = first.primary_container.environment["SAGEMAKER_PROGRAM"]
endpoint = builder.deploy(endpoint_name="from-sdk-3", initial_instance_count=1, instance_type="ml.m5.large", wait=False)
endpoint.wait_for_status("InService", poll=1)
answer = endpoint.invoke(body='{"x": 20}', content_type="application/json", accept="application/json")
saw["answer"] = json.loads(answer.body.read())
endpoint.serializer, endpoint.deserializer = JSONSerializer(), JSONDeserializer()
saw["json"] = endpoint.invoke(body={"x": 3}, content_type="application/json").body
endpoint.serializer = CSVSerializer()
saw["csv"] = endpoint.invoke(body=[1, 2.5], content_type="text/csv").body
endpoint.serializer = endpoint.deserializer = None

# By resources, without a builder.
container = ContainerDefinition(image=IMAGE, model_data_url=first.primary_container.model_data_url, environment={"SECOND": "yes"})
second = Model.create(model_name="the-second-of-3", primary_container=container, execution_role_arn=role)
variant = ProductionVariant(variant_name="AllTraffic", model_name="the-second-of-3", instance_type="ml.m5.large", initial_instance_count=1)
config = EndpointConfig.create(endpoint_config_name="the-second-of-3", production_variants=[variant])
session.update_endpoint("from-sdk-3", "the-second-of-3", wait=False)
endpoint.wait_for_status("InService", poll=1)
saw["updated"] = Endpoint.get("from-sdk-3").endpoint_config_name
saw["again"] = json.loads(endpoint.invoke(body='{"x": 4}', content_type="application/json").body.read())

EndpointConfig.get("from-sdk-3").delete()
endpoint.delete()
endpoint.wait_for_delete(poll=1)
config.delete()
for model in (first, second):
    model.delete()
saw["left"] = [
    [one.endpoint_name for one in Endpoint.get_all(name_contains="sdk-3")],
    [one.model_name for one in Model.get_all(name_contains="of-3")],
]
print(json.dumps(saw))
