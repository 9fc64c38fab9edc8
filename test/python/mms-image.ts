import { builtImage } from '../support/built-image.js';

const DOCKERFILE = `
FROM smlocal/torchserve-base:latest
RUN pip3 install multi-model-server==1.1.11 sagemaker-inference==1.10.1
RUN mkdir -p /opt/ml/model
COPY serve.py /usr/local/bin/serve.py
ENV TEMP=/tmp
ENTRYPOINT ["python3", "/usr/local/bin/serve.py"]
`;

/** All that an image of one's own needs beside the two packages; see the README of sagemaker-inference. */
const SERVE = 'from sagemaker_inference import model_server\n\nmodel_server.start_model_server()\n';

/**
 * An image with multi-model-server and SageMaker's toolkit from PyPI: what the containers for MXNet and many of one's own
 * are. Built from the layers that the fixtures' images have in common, which bring the Java runtime.
 *
 * @returns its name
 */
export function multiModelServerImage(): Promise<string> {
  return builtImage('smlocal-test/multi-model-server', DOCKERFILE, { 'serve.py': SERVE });
}
