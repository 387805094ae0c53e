"""Reads Atom feeds and keeps their entries in PostgreSQL."""
import os

import psycopg2
from flask import Flask, jsonify, request

from .atom import entries
from .store import Store


def create_app():
    app = Flask(__name__)
    store = Store(os.environ.get("DATABASE_URL", "postgresql://localhost/feeds"))

    @app.get("/healthz")
    def healthz():
        return jsonify(status="ok", libpq=psycopg2.__libpq_version__)

    @app.post("/entries")
    def add():
        return jsonify(added=store.add(entries(request.get_data())))

    @app.get("/entries")
    def listing():
        return jsonify(store.newest(20))

    @app.get("/example")
    def example():
        with app.open_resource("example.atom") as file:
            return jsonify(entries(file.read()))

    @app.errorhandler(psycopg2.OperationalError)
    def database_is_away(error):
        app.logger.warning("%s", error)
        return jsonify(error="the database cannot be reached"), 503

    return app
