#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ONNX models that the onnx package writes: plain ones pass, and each thing
that can hurt is found where the package put it.

    usage: onnx_models.py PICKET      prints TAP, one case a model
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

X = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])
Y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
RELU = helper.make_node("Relu", ["x"], ["y"])


def model(nodes=(RELU,), tensors=(), **more):
    graph = helper.make_graph(list(nodes), "g", [X], [Y], list(tensors))
    return helper.make_model(graph, **more)


def weights(dtype=np.float32):
    return numpy_helper.from_array(np.zeros(64, dtype), "w")


def outside(path):
    tensor = weights()
    onnx.external_data_helper.set_external_data(tensor, path)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    return tensor


def branch(node):
    inner = helper.make_graph([node], "b", [], [Y])
    return helper.make_node("If", ["c"], ["y"], then_branch=inner,
                            else_branch=inner)


def metadata(**pairs):
    made = model()
    helper.set_model_props(made, pairs)
    return made


def plain():
    types = ("float32", "float64", "int8", "int16", "int32", "int64",
             "uint8", "uint16", "uint32", "uint64", "bool", "float16",
             "complex64")
    yield "a plain model", model()
    for name in types:
        yield "data of " + name, model(tensors=[weights(np.dtype(name))])
    typed = helper.make_tensor("t", TensorProto.FLOAT16, [3], [1, 2, 3])
    yield "numbers that are not raw", model(tensors=[typed])
    words = helper.make_tensor("s", TensorProto.STRING, [2], [b"a", b"eval("])
    yield "strings", model(tensors=[words])
    yield "a branch", model([branch(RELU)])
    yield "metadata", metadata(names="{0: 'exec', 1: 'import os'}", task="x")
    yield "data beside it", model(tensors=[outside("model.onnx_data")])
    function = helper.make_function("own", "F", ["a"], ["b"], [RELU], [])
    yield "its own function", model(
        [helper.make_node("F", ["x"], ["y"], domain="own")],
        functions=[function])


def hostile():
    pyop = helper.make_node("PyOp", ["x"], ["y"], domain="any", module="evil",
                            class_name="Run", compute="go")
    constant = helper.make_node("Constant", [], ["y"], value=outside("/x"))
    custom = helper.make_node("Foo", ["x"], ["y"], domain="my.ops")
    yield "PyOp", model([pyop]), "onnx.python-operator"
    yield "PyOp in a branch", model([branch(pyop)]), "onnx.python-operator"
    yield "a custom domain", model([custom]), "onnx.custom-domain"
    for path in ("/etc/passwd", "../w", "a/../../w", "..\\w", "C:\\w"):
        yield path, model(tensors=[outside(path)]), "onnx.external-path"
    yield "a constant", model([branch(constant)]), "onnx.external-path"
    yield "metadata", metadata(names="__import__('os')"), "onnx.metadata-code"


def report(picket, path):
    done = subprocess.run([picket, "scan", "--format", "json", str(path)],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)["files"][0]


def main():
    cases = [(n, m, None) for n, m in plain()] + list(hostile())
    print("1..%d" % len(cases))
    failed = 0
    for i, (name, made, rule) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "m.onnx"
            path.write_bytes(made.SerializeToString())
            (path.parent / "model.onnx_data").write_bytes(bytes(256))
            got = report(sys.argv[1], path)
        rules = [f["rule"] for f in got["findings"]]
        good = rule in rules if rule else got["verdict"] == "clean"
        failed += not good
        print("%sok %d - %s" % ("" if good else "not ", i, name), flush=True)
        if not good:
            print("# %s %s" % (got["verdict"], rules))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
