"""Validates manifests against the schema of Kubernetes.

Reads one JSON object a line ({"name", "text"}) and answers {"name", "errors"}: one error a document that the schema
refuses, none for kinds that it does not know.
"""

import json
import sys

import kubernetes_validate
import yaml

VERSION = kubernetes_validate.latest_version()


def objects(text):
    ahead = list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    while ahead:
        found = ahead.pop(0)
        if isinstance(found, dict) and str(found.get("kind", "")).endswith("List"):
            ahead = (found.get("items") or []) + ahead
        elif isinstance(found, dict):
            yield found


def errors(text):
    found = []
    try:
        for at, item in enumerate(objects(text)):
            try:
                kubernetes_validate.validate(item, VERSION, strict=True)
            except kubernetes_validate.SchemaNotFoundError:
                pass
            except kubernetes_validate.ValidationError as error:
                where = "/".join(str(part) for part in error.path)
                found.append(f"{item.get('kind')} ({at}): {where}: {error.message[:200]}")
            except (kubernetes_validate.InvalidSchemaError, KeyError) as error:
                found.append(f"{item.get('kind')} ({at}): no schema for it: {error}"[:200])
    except (yaml.YAMLError, ValueError) as error:
        found.append(f"not YAML: {str(error)[:200]}")
    return found


for line in sys.stdin:
    job = json.loads(line)
    print(json.dumps({"name": job["name"], "errors": errors(job["text"])}), flush=True)
