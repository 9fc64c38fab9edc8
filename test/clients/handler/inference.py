"""The handler that every client's program calls: multiplies by the model, which is one number. It needs no package."""
import json
import os


def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.json"), encoding="utf-8") as file:
        return json.load(file)


def input_fn(body, content_type):
    if content_type == "application/json":
        return [json.loads(body)["x"]]
    if content_type == "text/csv":
        text = body if isinstance(body, str) else bytes(body).decode()
        return [float(number) for number in text.split(",")]
    raise ValueError("Send application/json or text/csv, not %s." % content_type)


def predict_fn(numbers, factor):
    return [factor * number for number in numbers]


def output_fn(products, accept):
    if accept == "text/csv":
        return ",".join(str(product) for product in products), accept
    return json.dumps({"products": products}), "application/json"
