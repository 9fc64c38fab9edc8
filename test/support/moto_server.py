"""moto (AWS's services on one port) with what the tests of a deploy need and moto has not.

    python moto_server.py [REGISTRY_URL]

UpdateEndpoint is added on moto's own records: it checks what it names as CreateEndpoint does. With REGISTRY_URL, ECR's
authorization token says that the account's registry is there; moto has none that takes images. Prints its address, and ends
when standard input does.
"""

import sys

from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse
from moto.sagemaker.responses import SageMakerResponse
from moto.server import ThreadedMotoServer


def update_endpoint(self):
    name = self._get_param("EndpointName")
    backend = self.sagemaker_backend
    backend.describe_endpoint(name)  # Refuses a name that is not there, as does the next for the config.
    config = backend.describe_endpoint_config(self._get_param("EndpointConfigName"))
    before = backend.endpoints[name]
    backend.create_endpoint(name, config["EndpointConfigName"], before.tags)
    backend.endpoints[name].creation_time = before.creation_time
    return ActionResult({"EndpointArn": before.arn})


SageMakerResponse.update_endpoint = update_endpoint


def at_registry(url):
    ask = ECRResponse.get_authorization_token

    def get_authorization_token(self):
        answer = ask(self)
        for data in answer.result["authorizationData"]:
            data["proxyEndpoint"] = url
        return answer

    return get_authorization_token


def main():
    if len(sys.argv) > 1:
        ECRResponse.get_authorization_token = at_registry(sys.argv[1])
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()
    server.stop()


main()
