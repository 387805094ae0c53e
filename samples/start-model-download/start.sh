#!/bin/bash
set -euo pipefail

MODEL_FILE="$MODEL_DIR/sentiment.json"

echo "Downloading model from $MODEL_URL"
curl -fsSL --retry 5 --retry-delay 2 --retry-connrefused -o "$MODEL_FILE" "$MODEL_URL"

exec gunicorn --bind 0.0.0.0:8080 --workers 1 app:app
