"""Notes: a factory, settings from the environment, an asynchronous database, dependencies of dependencies."""

from typing import Final

from tests.apps.build import App, Asked

FILES: Final = {
    "src/notes/__init__.py": "",
    "src/notes/config.py": '''
import os
from functools import lru_cache

from pydantic import BaseModel


class Settings(BaseModel):
    database_url: str
    secret: str


@lru_cache
def get_settings() -> Settings:
    return Settings(database_url=os.environ["NOTES_DATABASE"], secret=os.environ["NOTES_SECRET"])
''',
    "src/notes/storage.py": '''
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(30))
    text: Mapped[str]


class NoteRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, owner: str) -> list[Note]:
        return list(await self.session.scalars(select(Note).where(Note.owner == owner)))
''',
    "src/notes/deps.py": '''
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Cookie, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from .config import Settings, get_settings
from .errors import Unknown
from .storage import NoteRepository


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.state.sessions() as session:
        yield session


async def get_repository(session: Annotated[AsyncSession, Depends(get_session)]) -> NoteRepository:
    return NoteRepository(session)


async def get_user(
    settings: Annotated[Settings, Depends(get_settings)], user: Annotated[str, Cookie()] = "ada"
) -> str:
    if user == "nobody":
        raise Unknown(user)
    return user
''',
    "src/notes/errors.py": '''
class Unknown(Exception):
    def __init__(self, user: str) -> None:
        super().__init__(user)
        self.user = user
''',
    "src/notes/api.py": '''
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict

from .deps import get_repository, get_user
from .storage import NoteRepository

router = APIRouter()
seen: dict[str, int] = {}


class NoteOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    text: str


async def count_visit(user: str) -> None:
    seen[user] = seen.get(user, 0) + 1


@router.get("/notes", response_model=list[NoteOut])
async def list_notes(
    user: Annotated[str, Depends(get_user)],
    repository: Annotated[NoteRepository, Depends(get_repository)],
    tasks: BackgroundTasks,
):
    tasks.add_task(count_visit, user)
    return await repository.of(user)


@router.get("/notes/count", response_class=PlainTextResponse)
async def count_notes(
    user: Annotated[str, Depends(get_user)], repository: Annotated[NoteRepository, Depends(get_repository)]
):
    return str(len(await repository.of(user)))
''',
    "src/notes/factory.py": '''
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from only_here import GREETING
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from .api import router
from .config import get_settings
from .errors import Unknown
from .storage import Base, Note


@asynccontextmanager
async def lifespan(app: FastAPI):
    engine = create_async_engine(get_settings().database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions() as session:
        session.add_all([Note(owner="ada", text=f"{GREETING} {number}") for number in range(10)])
        await session.commit()
    yield {"sessions": sessions}
    await engine.dispose()


def create_app() -> FastAPI:
    app = FastAPI(title="Notes", lifespan=lifespan)
    app.add_middleware(GZipMiddleware, minimum_size=200)
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    app.include_router(router, prefix="/api/v1")

    @app.exception_handler(Unknown)
    async def unknown(request: Request, error: Unknown) -> JSONResponse:
        return JSONResponse({"unknown": error.user}, status_code=403)

    return app
''',
}  # fmt: skip

NOTES: Final = App(
    name="notes",
    target="notes.factory:create_app",
    factory=True,
    folder="src",
    files=FILES,
    requires=("fastapi", "uvicorn", "sqlalchemy[asyncio]", "aiosqlite"),
    # Each process has a database of its own: the file names the memory of the process.
    environment={"NOTES_DATABASE": "sqlite+aiosqlite:///:memory:", "NOTES_SECRET": "hush hush"},
    routes=(
        Asked(
            "/api/v1/notes", ("get_settings", "get_user", "get_session", "get_repository"), endpoint="list_notes",
            background="count_visit",
        ),
        Asked(
            "/api/v1/notes/count", ("get_settings", "get_user", "get_session", "get_repository"),
            endpoint="count_notes", serialized=True,
        ),
    ),
)  # fmt: skip
