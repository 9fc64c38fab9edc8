"""A PyTorchModel as its documentation has it, served by AWS's PyTorch image. Prints what it saw."""
import json

import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.pytorch import PyTorchModel
from sagemaker.serializers import JSONSerializer

session = sagemaker.Session()
model = PyTorchModel(
    model_data=session.upload_data("model.tar.gz", key_prefix="pytorch-2"),
    role=sagemaker.get_execution_role(),
    entry_point="inference.py",
    source_dir="code",
    framework_version="2.6",
    py_version="py312",
)
predictor = model.deploy(
    initial_instance_count=1, instance_type="ml.m5.large", serializer=JSONSerializer(), deserializer=JSONDeserializer()
)
saw = {"image": model.serving_image_uri("us-east-1", "ml.m5.large"), "answer": predictor.predict({"x": 20})}
predictor.delete_model()
predictor.delete_endpoint()
print(json.dumps(saw))
