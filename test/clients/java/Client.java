import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.core.waiters.WaiterOverrideConfiguration;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sagemaker.SageMakerClient;
import software.amazon.awssdk.services.sagemaker.model.ProductionVariantInstanceType;
import software.amazon.awssdk.services.sagemaker.model.SageMakerException;
import software.amazon.awssdk.services.sagemakerruntime.SageMakerRuntimeClient;
import software.amazon.awssdk.services.sagemakerruntime.model.InvokeEndpointRequest;
import software.amazon.awssdk.services.sagemakerruntime.model.ModelErrorException;
import software.amazon.awssdk.services.sts.StsClient;

/** Lives an endpoint's life with the AWS SDK for Java 2.x, which finds smlocal by AWS_ENDPOINT_URL. Writes what it saw as JSON. */
public final class Client {
  private static final String NAME = "from-java";

  private final Map<String, String> saw = new LinkedHashMap<>();

  public static void main(String[] arguments) throws Exception {
    Client client = new Client();
    client.saw("version", VersionInfo.SDK_VERSION);
    try (StsClient sts = StsClient.create()) {
      client.saw("account", sts.getCallerIdentity().account());
    }
    try (S3Client s3 = S3Client.create()) {
      client.storeModel(s3, Files.readAllBytes(Path.of(System.getenv("MODEL"))));
    }
    try (SageMakerClient sagemaker = SageMakerClient.create();
        SageMakerRuntimeClient runtime = SageMakerRuntimeClient.create()) {
      client.serve(sagemaker);
      client.invoke(runtime);
      client.delete(sagemaker);
    }
    System.out.println(
        client.saw.entrySet().stream()
            .map(entry -> quoted(entry.getKey()) + ": " + quoted(entry.getValue()))
            .collect(Collectors.joining(", ", "{", "}")));
  }

  private void saw(String what, Object value) {
    saw.put(what, String.valueOf(value));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private void storeModel(S3Client s3, byte[] archive) {
    s3.createBucket(request -> request.bucket(NAME));
    s3.putObject(request -> request.bucket(NAME).key("model.tar.gz"), RequestBody.fromBytes(archive));
    s3.listObjectsV2Paginator(request -> request.bucket(NAME)).contents().forEach(object -> saw("key", object.key()));
    byte[] back = s3.getObjectAsBytes(request -> request.bucket(NAME).key("model.tar.gz")).asByteArray();
    saw("same", Arrays.equals(archive, back));
  }

  private void serve(SageMakerClient sagemaker) {
    sagemaker.createModel(
        request ->
            request
                .modelName(NAME)
                .executionRoleArn("arn:aws:iam::000000000000:role/LocalSageMakerRole")
                .primaryContainer(model -> model.image("an-image").modelDataUrl("s3://" + NAME + "/model.tar.gz")));
    sagemaker.createEndpointConfig(
        request ->
            request
                .endpointConfigName(NAME)
                .productionVariants(
                    variant ->
                        variant
                            .variantName("AllTraffic")
                            .modelName(NAME)
                            .instanceType(ProductionVariantInstanceType.ML_M5_LARGE)
                            .initialInstanceCount(1)));
    sagemaker.createEndpoint(request -> request.endpointName(NAME).endpointConfigName(NAME));
    sagemaker.waiter().waitUntilEndpointInService(request -> request.endpointName(NAME), patience());
    saw("status", sagemaker.describeEndpoint(request -> request.endpointName(NAME)).endpointStatusAsString());
  }

  private static Consumer<WaiterOverrideConfiguration.Builder> patience() {
    return waiting ->
        waiting.maxAttempts(90).backoffStrategyV2(BackoffStrategy.fixedDelay(Duration.ofSeconds(1)));
  }

  private void invoke(SageMakerRuntimeClient runtime) {
    saw("answer", runtime.invokeEndpoint(asking("application/json", "{\"x\": 20}")).body().asUtf8String());
    try {
      runtime.invokeEndpoint(asking("text/plain", "?"));
    } catch (ModelErrorException refusal) {
      saw("refused", refusal.originalStatusCode());
    }
  }

  private static InvokeEndpointRequest asking(String contentType, String body) {
    return InvokeEndpointRequest.builder()
        .endpointName(NAME)
        .contentType(contentType)
        .body(SdkBytes.fromString(body, StandardCharsets.UTF_8))
        .build();
  }

  private void delete(SageMakerClient sagemaker) {
    sagemaker.deleteEndpoint(request -> request.endpointName(NAME));
    sagemaker.waiter().waitUntilEndpointDeleted(request -> request.endpointName(NAME), patience());
    try {
      sagemaker.describeEndpoint(request -> request.endpointName(NAME));
    } catch (SageMakerException gone) {
      saw("gone", gone.awsErrorDetails().errorCode());
    }
  }
}
