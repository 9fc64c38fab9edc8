"""What a script of the SageMaker Python SDK 2 does with a model and an image; it knows nothing of smlocal. Prints what it saw."""
import json
import sys

import sagemaker
from sagemaker.deserializers import BytesDeserializer, CSVDeserializer, JSONDeserializer
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer, IdentitySerializer, JSONSerializer

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"
INSTANCE = {"initial_instance_count": 1, "instance_type": "ml.m5.large"}

# With a bucket of its own a session asks STS for nothing.
bucket = sys.argv[1] if len(sys.argv) > 1 else None
session = sagemaker.Session(default_bucket=bucket)
role = sagemaker.get_execution_role(session) if bucket is None else "arn:aws:iam::000000000000:role/LocalSageMakerRole"
saw = {"version": sagemaker.__version__, "role": role, "bucket": session.default_bucket()}
saw["uri"] = session.upload_data("packed.tar.gz", key_prefix="models")
saw["files"] = session.list_s3_files(saw["bucket"], "models")

model = Model(image_uri=IMAGE, model_data=saw["uri"], role=role, predictor_cls=Predictor, sagemaker_session=session)
predictor = model.deploy(
    **INSTANCE, serializer=JSONSerializer(), deserializer=JSONDeserializer(), wait=False
)
session.wait_for_endpoint(predictor.endpoint_name, poll=1)
saw["json"] = predictor.predict({"x": 20})

csv = Predictor(predictor.endpoint_name, session, serializer=CSVSerializer(), deserializer=CSVDeserializer())
saw["csv"] = csv.predict([[1, 2.5]])
raw = Predictor(predictor.endpoint_name, session, serializer=IdentitySerializer("application/json"), deserializer=BytesDeserializer())
saw["raw"] = raw.predict('{"x": 3}').decode()
try:
    raw.predict("?", initial_args={"ContentType": "text/plain"})
except session.sagemaker_runtime_client.exceptions.ModelError as error:
    saw["refused"] = error.response["OriginalStatusCode"]

second = Model(image_uri=IMAGE, model_data=saw["uri"], role=role, sagemaker_session=session, name="the-second", env={"SECOND": "yes"})
second.create(instance_type="ml.m5.large")
before = session.sagemaker_client.describe_endpoint(EndpointName=predictor.endpoint_name)["EndpointConfigName"]
predictor.update_endpoint(**INSTANCE, model_name="the-second", wait=False)
session.wait_for_endpoint(predictor.endpoint_name, poll=1)
after = session.sagemaker_client.describe_endpoint(EndpointName=predictor.endpoint_name)["EndpointConfigName"]
saw["updated"] = before != after
saw["again"] = predictor.predict({"x": 4})

predictor.delete_model()
predictor.delete_endpoint()
client = session.sagemaker_client
client.get_waiter("endpoint_deleted").wait(EndpointName=predictor.endpoint_name, WaiterConfig={"Delay": 1})
saw["left"] = [
    [one["EndpointName"] for one in client.list_endpoints()["Endpoints"]],
    [one["EndpointConfigName"] for one in client.list_endpoint_configs()["EndpointConfigs"] if one["EndpointConfigName"] == after],
    [one["ModelName"] for one in client.list_models()["Models"] if one["ModelName"] == "the-second"],
]
print(json.dumps(saw))
