#!/bin/sh
set -eu
tag=${1:-v0.4.0}
docker build -t quay.io/example/notesd:"$tag" .
docker push quay.io/example/notesd:"$tag"
