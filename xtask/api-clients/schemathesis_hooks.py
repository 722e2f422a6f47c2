"""Values that openapi.json permits and the hub does not, because JSON Schema cannot express the rule."""

import schemathesis

RESERVED_BEGINNINGS = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def fits(field, value):
    if not isinstance(value, str):
        return True
    if field in ("password", "newPassword"):
        return len(value) > 72 or ("\0" not in value and len(value.encode(errors="replace")) <= 72)
    if field == "name":
        digits = value.split(".")
        is_address = len(digits) == 4 and all(part.isdigit() and len(part) <= 3 for part in digits)
        reserved = value.startswith(RESERVED_BEGINNINGS) or value.endswith(RESERVED_ENDS) or value in ("minio", "storage-hub-installation")
        return not (is_address or reserved)
    if field == "cursor":
        return not value.startswith("v1.") or fits("name", value.removeprefix("v1."))
    return True


def all_fit(values):
    return not isinstance(values, dict) or all(fits(field, value) for field, value in values.items())


@schemathesis.hook
def filter_body(context, body):
    return all_fit(body)


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    return all_fit(path_parameters)


@schemathesis.hook
def filter_query(context, query):
    return all_fit(query)
