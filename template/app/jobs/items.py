"""Jobs of items."""

from app.core.logging import get_logger
from app.jobs.handlers import JobContext, handles
from app.schemas.item_job import ItemCreated
from app.services.items import ItemNotFoundError, ItemService

log = get_logger(__name__)


@handles(ItemCreated)
async def announce_item(job: ItemCreated, context: JobContext) -> None:
    """Tell others about a new item; here, in the log."""
    try:
        item = await ItemService(context.db).get(job.item_id)
    except ItemNotFoundError:
        return  # It was deleted in the meantime.
    log.info("item announced", item=item.name)
