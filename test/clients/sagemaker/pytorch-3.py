"""A ModelBuilder with a handler, served by AWS's PyTorch image. Prints what it saw."""
import json

from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.training.configs import SourceCode
from sagemaker.serve import ModelBuilder

session = Session()
image = image_uris.retrieve(
    "pytorch", region=session.boto_region_name, version="2.6", py_version="py312", instance_type="ml.m5.large", image_scope="inference"
)
builder = ModelBuilder(
    image_uri=image,
    s3_model_data_url=session.upload_data("model.tar.gz", key_prefix="pytorch-3"),
    source_code=SourceCode(source_dir="code", entry_script="inference.py"),
    role_arn=get_execution_role(session),
    sagemaker_session=session,
    instance_type="ml.m5.large",
)
builder.build()
# It looks for the container's log meanwhile.
endpoint = builder.deploy(initial_instance_count=1, instance_type="ml.m5.large")
answer = endpoint.invoke(body='{"x": 20}', content_type="application/json")
print(json.dumps({"image": image, "answer": json.loads(answer.body.read())}))
endpoint.delete()
