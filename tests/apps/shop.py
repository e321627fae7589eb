"""A shop: a package with routers, a synchronous database, generator and class dependencies, background tasks."""

from typing import Final

from tests.apps.build import App, Asked

FILES: Final = {
    "shop/__init__.py": "",
    "shop/database.py": '''
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

engine = create_engine("sqlite:///./shop.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine, autoflush=False)


class Base(DeclarativeBase):
    pass


def get_db() -> Iterator[Session]:
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
''',
    "shop/models.py": '''
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from .database import Base


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    price: Mapped[int]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    count: Mapped[int]
''',
    "shop/schemas.py": '''
from pydantic import BaseModel, ConfigDict, Field


class ItemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    price: int


class OrderIn(BaseModel):
    item_id: int
    count: int = Field(gt=0)


class OrderOut(OrderIn):
    model_config = ConfigDict(from_attributes=True)
    id: int
''',
    "shop/dependencies.py": '''
import os
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Query


class Pagination:
    def __init__(self, limit: int = Query(10, le=100), offset: int = 0) -> None:
        self.limit = limit
        self.offset = offset


def verify_token(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization != f"Bearer {os.environ['SHOP_TOKEN']}":
        raise HTTPException(401, "who are you?")
    return authorization


Page = Annotated[Pagination, Depends()]
''',
    "shop/routers/__init__.py": "",
    "shop/routers/items.py": '''
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..database import get_db
from ..dependencies import Page
from ..models import Item
from ..schemas import ItemOut

router = APIRouter(prefix="/items", tags=["items"])


@router.get("", response_model=list[ItemOut])
def list_items(page: Page, db: Session = Depends(get_db)):
    return db.scalars(select(Item).order_by(Item.id).limit(page.limit).offset(page.offset)).all()


@router.get("/{item_id}", response_model=ItemOut)
def read_item(item_id: int, db: Session = Depends(get_db)):
    item = db.get(Item, item_id)
    if item is None:
        raise HTTPException(404, "no such item")
    return item
''',
    "shop/routers/orders.py": '''
from fastapi import APIRouter, BackgroundTasks, Depends, status
from sqlalchemy.orm import Session

from ..database import get_db
from ..dependencies import verify_token
from ..models import Order
from ..schemas import OrderIn, OrderOut

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(verify_token)])
sent = []


def send_confirmation(order_id: int) -> None:
    sent.append(order_id)


@router.post("", response_model=OrderOut, status_code=status.HTTP_201_CREATED)
def create_order(order: OrderIn, tasks: BackgroundTasks, db: Session = Depends(get_db)):
    made = Order(**order.model_dump())
    db.add(made)
    db.commit()
    tasks.add_task(send_confirmation, made.id)
    return made
''',
    "shop/main.py": '''
import time
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from only_here import GREETING
from sqlalchemy.orm import Session

from .database import Base, engine
from .models import Item
from .routers import items, orders


@asynccontextmanager
async def lifespan(app: FastAPI):
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Item(id=number, name=f"item {number}", price=number * 10) for number in range(1, 21)])
        session.commit()
    yield
    engine.dispose()


app = FastAPI(title="Shop", lifespan=lifespan)
app.include_router(items.router)
app.include_router(orders.router)


@app.middleware("http")
async def add_process_time(request: Request, call_next):
    began = time.perf_counter()
    response = await call_next(request)
    response.headers["X-Process-Time"] = f"{time.perf_counter() - began:.6f}"
    return response


@app.get("/")
async def root():
    return {"says": GREETING}


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app)
''',
}  # fmt: skip

SHOP: Final = App(
    name="shop",
    target="shop.main:app",
    files=FILES,
    requires=("fastapi", "uvicorn", "sqlalchemy"),
    environment={"SHOP_TOKEN": "open sesame"},
    routes=(
        Asked("/", (), endpoint="root"),
        Asked("/items?limit=5", ("Pagination", "get_db"), endpoint="list_items", template="/items"),
        Asked("/items/7", ("get_db",), endpoint="read_item", template="/items/{item_id}"),
        Asked(
            "/orders", ("verify_token", "get_db"), method="POST", endpoint="create_order",
            body='{"item_id": 3, "count": 2}', headers={"Authorization": "Bearer open sesame"},
            background="send_confirmation",
        ),
    ),
)  # fmt: skip
"""Several processes would write into one another's database file as it is dropped and made: see its lifespan."""
