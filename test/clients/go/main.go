// Lives an endpoint's life with the AWS SDK for Go v2, which finds smlocal by AWS_ENDPOINT_URL. Writes what it saw as JSON.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	smtypes "github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime"
	rttypes "github.com/aws/aws-sdk-go-v2/service/sagemakerruntime/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const (
	name   = "from-go"
	bucket = "from-go"
	wait   = 90 * time.Second
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	check(err)
	saw := map[string]any{"version": aws.SDKVersion}
	identity, err := sts.NewFromConfig(settings).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	check(err)
	saw["account"] = aws.ToString(identity.Account)
	storeModel(ctx, s3.NewFromConfig(settings), saw)
	serve(ctx, sagemaker.NewFromConfig(settings), sagemakerruntime.NewFromConfig(settings), saw)
	check(json.NewEncoder(os.Stdout).Encode(saw))
}

// Puts the archive that MODEL names into a bucket, and looks at it there.
func storeModel(ctx context.Context, client *s3.Client, saw map[string]any) {
	archive, err := os.ReadFile(os.Getenv("MODEL"))
	check(err)
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)})
	check(err)
	_, err = client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("model.tar.gz"), Body: bytes.NewReader(archive),
	})
	check(err)
	listed, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	check(err)
	for _, object := range listed.Contents {
		saw["key"] = aws.ToString(object.Key)
	}
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("model.tar.gz")})
	check(err)
	back, err := io.ReadAll(got.Body)
	check(err)
	saw["same"] = bytes.Equal(archive, back)
}

func serve(ctx context.Context, client *sagemaker.Client, runtime *sagemakerruntime.Client, saw map[string]any) {
	_, err := client.CreateModel(ctx, &sagemaker.CreateModelInput{
		ModelName:        aws.String(name),
		ExecutionRoleArn: aws.String("arn:aws:iam::000000000000:role/LocalSageMakerRole"),
		PrimaryContainer: &smtypes.ContainerDefinition{
			Image: aws.String("an-image"), ModelDataUrl: aws.String("s3://" + bucket + "/model.tar.gz"),
		},
	})
	check(err)
	_, err = client.CreateEndpointConfig(ctx, &sagemaker.CreateEndpointConfigInput{
		EndpointConfigName: aws.String(name),
		ProductionVariants: []smtypes.ProductionVariant{{
			VariantName: aws.String("AllTraffic"), ModelName: aws.String(name),
			InstanceType: smtypes.ProductionVariantInstanceTypeMlM5Large, InitialInstanceCount: aws.Int32(1),
		}},
	})
	check(err)
	_, err = client.CreateEndpoint(ctx, &sagemaker.CreateEndpointInput{
		EndpointName: aws.String(name), EndpointConfigName: aws.String(name),
	})
	check(err)
	describe := &sagemaker.DescribeEndpointInput{EndpointName: aws.String(name)}
	quick := func(o *sagemaker.EndpointInServiceWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, time.Second }
	check(sagemaker.NewEndpointInServiceWaiter(client, quick).Wait(ctx, describe, wait))
	described, err := client.DescribeEndpoint(ctx, describe)
	check(err)
	saw["status"] = described.EndpointStatus

	answer, err := runtime.InvokeEndpoint(ctx, &sagemakerruntime.InvokeEndpointInput{
		EndpointName: aws.String(name), ContentType: aws.String("application/json"), Body: []byte(`{"x": 20}`),
	})
	check(err)
	saw["answer"] = string(answer.Body)
	saw["streamed"] = streamed(ctx, runtime)
	_, err = runtime.InvokeEndpoint(ctx, &sagemakerruntime.InvokeEndpointInput{
		EndpointName: aws.String(name), ContentType: aws.String("text/plain"), Body: []byte("?"),
	})
	var refusal *rttypes.ModelError
	if !errors.As(err, &refusal) {
		log.Fatal("not a ModelError: ", err)
	}
	saw["refused"] = aws.ToInt32(refusal.OriginalStatusCode)

	_, err = client.DeleteEndpoint(ctx, &sagemaker.DeleteEndpointInput{EndpointName: aws.String(name)})
	check(err)
	gone := func(o *sagemaker.EndpointDeletedWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, time.Second }
	check(sagemaker.NewEndpointDeletedWaiter(client, gone).Wait(ctx, describe, wait))
	_, err = client.DescribeEndpoint(ctx, describe)
	var said smithy.APIError
	if errors.As(err, &said) {
		saw["gone"] = said.ErrorCode()
	}
}

// The answer of InvokeEndpointWithResponseStream, put together from its events.
func streamed(ctx context.Context, runtime *sagemakerruntime.Client) string {
	answer, err := runtime.InvokeEndpointWithResponseStream(ctx, &sagemakerruntime.InvokeEndpointWithResponseStreamInput{
		EndpointName: aws.String(name), ContentType: aws.String("application/json"), Body: []byte(`{"x": 20}`),
	})
	check(err)
	var whole []byte
	for event := range answer.GetStream().Events() {
		if part, ok := event.(*rttypes.ResponseStreamMemberPayloadPart); ok {
			whole = append(whole, part.Value.Bytes...)
		}
	}
	check(answer.GetStream().Err())
	return string(whole)
}
