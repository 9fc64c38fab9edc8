"""One script for every environment: config.yml holds what differs, DEPLOY_ENV says which is meant."""

from .deploy_env import ConfigError, DeployEnv, NotRunning

__all__ = ["ConfigError", "DeployEnv", "NotRunning"]
