"""The environment that a script runs for."""

import json
import os

import boto3
import yaml
from botocore.exceptions import ClientError

from .processes import is_running

LOCAL, PRODUCTION = "local", "production"

#: The block whose keys every other has, unless it says otherwise.
SHARED = "default"

#: smlocal checks no key, unless it is told to; the SDK wants one all the same.
LOCAL_KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


class ConfigError(Exception):
    """config.yml cannot be read, or does not say what is asked of it."""


class NotRunning(Exception):
    """The local environment is meant, and smlocal does not run."""


class DeployEnv:
    """
    config: the project's config file; `config.yml` of the working folder when absent.
    environment: a block of its `environments:`; the variable DEPLOY_ENV when absent, and `local` where that is not set.

    Raises ConfigError where the file is missing or wrong, or has no such environment.
    """

    def __init__(self, config=None, environment=None):
        self._file = os.path.abspath(config or "config.yml")
        self._name = environment or os.environ.get("DEPLOY_ENV") or LOCAL
        self._whole = _read(self._file)
        environments = self._whole.get("environments") or {}
        if self._name not in environments:
            known = ", ".join(environments) or "none yet"
            raise ConfigError("%s has no environment %s; it has %s." % (self._file, self._name, known))
        self._settings = {**(environments.get(SHARED) or {}), **(environments[self._name] or {})}

    def current_env(self):
        """The environment's name."""
        return self._name

    def is_local(self):
        return self._name == LOCAL

    def is_production(self):
        return self._name == PRODUCTION

    def setting(self, name):
        """A value of the environment's block, as the file has it. Raises ConfigError where the block does not say it."""
        if name not in self._settings:
            raise ConfigError(
                "The environment %s of %s has no %s; it has %s."
                % (self._name, self._file, name, ", ".join(self._settings))
            )
        return self._settings[name]

    def client(self):
        """boto3's client of SageMaker, for this environment. Raises NotRunning where smlocal is meant and does not run."""
        return self._client("sagemaker")

    def runtime_client(self):
        """boto3's client of SageMaker Runtime, for this environment. Raises NotRunning, as `client` does."""
        return self._client("sagemaker-runtime")

    def is_deployed(self, endpoint_name=None):
        """Whether the endpoint is there and in service; the environment's own, by `endpoint_name` or `model_name`."""
        name = endpoint_name or self._settings.get("endpoint_name") or self.setting("model_name")
        try:
            return self.client().describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
        except ClientError as error:
            if error.response["Error"]["Message"].startswith("Could not find"):
                return False
            raise

    # The names that scripts written for SageMaker's local mode use.
    currentEnv, isLocal, isProduction, isDeployed = current_env, is_local, is_production, is_deployed
    runtimeClient = runtime_client

    def _client(self, service):
        if not self.is_local():
            session = boto3.Session(profile_name=self._settings.get("aws_profile"))
            return session.client(service, region_name=self._region())
        region = self._region() or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        url, keys = self._address()
        return boto3.client(service, endpoint_url=url, region_name=region or "us-east-1", **keys)

    def _region(self):
        return self._settings.get("region") or self._whole.get("region")

    def _address(self):
        """Where the smlocal of this project answers, and the keys that it takes: what `smlocal exec` says, else its state folder."""
        told = os.environ.get("AWS_ENDPOINT_URL_SAGEMAKER")
        if told:
            return told, {} if os.environ.get("AWS_ACCESS_KEY_ID") else LOCAL_KEYS
        folder = os.environ.get("SMLOCAL_STATE_DIR") or os.path.join(os.path.dirname(self._file), ".smlocal")
        try:
            with open(os.path.join(folder, "daemon.json"), encoding="utf-8") as file:
                address = json.load(file)
        except (OSError, ValueError):
            address = None
        if not address or not is_running(address["pid"]):
            raise NotRunning('smlocal is not running (state folder %s). Start it with "smlocal up".' % folder)
        keys = address.get("credentials")
        if not keys:
            return address["url"], LOCAL_KEYS
        return address["url"], {
            "aws_access_key_id": keys["accessKeyId"],
            "aws_secret_access_key": keys["secretAccessKey"],
        }


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            whole = yaml.safe_load(file)
    except OSError as error:
        raise ConfigError("%s: %s" % (path, error.strerror)) from error
    except yaml.YAMLError as error:
        raise ConfigError("%s: %s" % (path, error)) from error
    if not isinstance(whole, dict):
        raise ConfigError("%s is no config file: it has to hold keys, such as `environments:`." % path)
    return whole
