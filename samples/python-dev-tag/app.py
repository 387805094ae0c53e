from bottle import route, run


@route("/moon/<name>")
def moon(name):
    return f"{name} is {len(name)} days old"


run(host="0.0.0.0", port=8000, quiet=True)
