import json

from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from .store import lighthouses

routes = Map([
    Rule("/healthz", endpoint="healthz"),
    Rule("/lighthouses", endpoint="listing"),
    Rule("/", endpoint="page"),
])


def healthz(_request):
    return Response("ok")


def listing(request):
    lowest = request.args.get("min", 0, type=int)
    found = [house for house in lighthouses() if house["height"] >= lowest]
    return Response(json.dumps(found), mimetype="application/json")


def page(_request):
    rows = "".join(f"<li>{escape(house['name'])}, {house['height']} m</li>" for house in lighthouses())
    return Response(f"<!doctype html><title>Lighthouses</title><ul>{rows}</ul>", mimetype="text/html")


@Request.application
def application(request):
    try:
        endpoint, arguments = routes.bind_to_environ(request.environ).match()
        return globals()[endpoint](request, **arguments)
    except HTTPException as error:
        return error
