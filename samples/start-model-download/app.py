"""Says whether a sentence is friendly, by the words in a small model."""

import json
import os
from pathlib import Path

from flask import Flask, jsonify, request

MODEL = json.loads(Path(os.environ["MODEL_DIR"], "sentiment.json").read_text())

app = Flask(__name__)


@app.get("/health")
def health():
    return jsonify(model=MODEL["name"], words=len(MODEL["weights"]))


@app.get("/score")
def score():
    words = request.args.get("text", "").lower().split()
    total = sum(MODEL["weights"].get(word, 0) for word in words)
    return jsonify(score=total, friendly=total > 0)
