import os
import sqlite3

from flask import Flask, abort, g, redirect, render_template, request, url_for

app = Flask(__name__)
app.config["DATABASE"] = os.environ.get("DATABASE", "/tmp/tasks.db")


def database():
    if "database" not in g:
        g.database = sqlite3.connect(app.config["DATABASE"])
        g.database.row_factory = sqlite3.Row
        g.database.execute(
            "CREATE TABLE IF NOT EXISTS task (id INTEGER PRIMARY KEY, title TEXT NOT NULL, done INTEGER DEFAULT 0)"
        )
    return g.database


@app.teardown_appcontext
def close(_error):
    connection = g.pop("database", None)
    if connection is not None:
        connection.close()


@app.get("/health")
def health():
    database().execute("SELECT 1")
    return {"status": "ok"}


@app.get("/")
def index():
    tasks = database().execute("SELECT * FROM task ORDER BY done, id").fetchall()
    return render_template("index.html", tasks=tasks)


@app.post("/tasks")
def create():
    title = request.form.get("title", "").strip()
    if not title:
        abort(400, "a task needs a title")
    with database() as connection:
        connection.execute("INSERT INTO task (title) VALUES (?)", [title])
    return redirect(url_for("index"))


@app.post("/tasks/<int:task>/done")
def done(task):
    with database() as connection:
        if connection.execute("UPDATE task SET done = 1 WHERE id = ?", [task]).rowcount == 0:
            abort(404)
    return redirect(url_for("index"))
