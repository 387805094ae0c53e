from flask import Flask, jsonify, request

from . import queue

app = Flask(__name__)


@app.get("/healthz")
def healthz():
    return jsonify(waiting=len(queue.waiting()))


@app.post("/parcels")
def add():
    return jsonify(id=queue.put(request.get_json())), 201
