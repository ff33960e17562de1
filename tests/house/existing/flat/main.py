from fastapi import FastAPI, HTTPException
import db
import structlog

log = structlog.get_logger()
app = FastAPI(title="Link Shortener")


@app.get("/{key}")
def resolve(key: str):
    url = db.find(key)
    if not url:
        raise HTTPException(404, "no such link")
    log.info("resolved", key=key)
    return {"url": url}


@app.post("/links")
def shorten(body: dict):
    return {"key": db.store(body["url"])}
