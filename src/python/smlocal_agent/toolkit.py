"""Where the handler is, by the rules of what runs it: SageMaker's toolkit, or smlocal's own serving host."""


def code_directory():
    """The folder that a handler lies in, whether or not it is there."""
    environment = _sagemakers()
    return environment.code_dir if environment else _ours().code_dir


def entry_module():
    """The name of the module with the hooks."""
    environment = _sagemakers()
    return environment.Environment().module_name if environment else _ours().module_name


def _sagemakers():
    try:
        from sagemaker_inference import environment
    except ImportError:
        return None
    return environment


def _ours():
    from smlocal_serving.settings import Settings

    return Settings()
