"""What the environment says, by the names that SageMaker's toolkit reads (contract.md, D.1)."""

import os

MEGABYTE = 1024 * 1024

# TorchServe's own limit, which AWS's images leave as it is.
DEFAULT_LARGEST_BODY = 6553500


class Settings:
    """A snapshot of the environment at the start."""

    def __init__(self, environment=os.environ):
        base = environment.get("SAGEMAKER_BASE_DIR", "/opt/ml")
        self._base = base
        self.model_dir = os.path.join(base, "model")
        self.code_dir = os.path.join(self.model_dir, "code")
        program = environment.get("SAGEMAKER_PROGRAM", "inference.py")
        self.module_name = program[:-3] if program.endswith(".py") else program
        self.default_accept = environment.get(
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json"
        )
        self.port = int(environment.get("SAGEMAKER_BIND_TO_PORT", "8080"))
        self.is_multi_model = environment.get("SAGEMAKER_MULTI_MODEL") == "true"
        # Each of several models has one, unless it is said (the toolkit's mme-mms.properties).
        workers = 1 if self.is_multi_model else os.cpu_count() or 1
        self.workers = int(environment.get("SAGEMAKER_MODEL_SERVER_WORKERS") or workers)
        self.timeout_seconds = int(environment.get("SAGEMAKER_MODEL_SERVER_TIMEOUT", "60"))
        megabytes = environment.get("SAGEMAKER_MAX_PAYLOAD_IN_MB")
        self.largest_body = int(megabytes) * MEGABYTE if megabytes else DEFAULT_LARGEST_BODY

    def place_of(self, url):
        """Where a path of SageMaker's containers is here: they need not be what they are there."""
        prefix = "/opt/ml/"
        return os.path.join(self._base, url[len(prefix) :]) if url.startswith(prefix) else url
