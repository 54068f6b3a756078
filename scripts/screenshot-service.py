"""The service in the picture: it renders invoices, with a little arithmetic, some waiting and a lock."""

import decimal
import json
import threading
import time

numbers = threading.Lock()
issued = 0


def price(quantity, unit):
    return (decimal.Decimal(quantity) * decimal.Decimal(unit)).quantize(decimal.Decimal("0.01"))


def fetch_lines(customer):
    time.sleep(0.03)  # the database
    return [{"article": f"A-{customer}-{i}", "quantity": i % 7 + 1, "unit": "3.1415"} for i in range(400)]


def next_number():
    global issued
    with numbers:
        time.sleep(0.008)
        issued += 1
        return issued


def render_invoice(customer):
    lines = fetch_lines(customer)
    total = sum(price(line["quantity"], line["unit"]) for line in lines)
    return json.dumps({"number": next_number(), "lines": lines, "total": str(total)}).encode()


def application(environment, start_response):
    body = render_invoice(environment.get("REMOTE_PORT", "1"))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
