"""PyMySQL, as far as it is used: connections with plain cursors."""

from typing import Any

from pymysql import err as err
from pymysql.cursors import Cursor

class Connection:
    def __init__(
        self,
        *,
        host: str | None = ...,
        port: int = ...,
        user: str | None = ...,
        password: str = ...,
        database: str | None = ...,
        unix_socket: str | None = ...,
        charset: str = ...,
        autocommit: bool | None = ...,
        connect_timeout: float = ...,
        read_timeout: float | None = ...,
        write_timeout: float | None = ...,
        init_command: str | None = ...,
        client_flag: int = ...,
        ssl: Any = ...,
        ssl_ca: str | None = ...,
        ssl_cert: str | None = ...,
        ssl_key: str | None = ...,
        ssl_disabled: bool | None = ...,
        ssl_verify_cert: bool | None = ...,
        ssl_verify_identity: bool | None = ...,
    ) -> None: ...
    @property
    def open(self) -> bool: ...
    def cursor(self, cursor: None = ...) -> Cursor: ...
    def thread_id(self) -> int: ...
    def get_server_info(self) -> str: ...
    def escape(self, obj: object, mapping: None = ...) -> str: ...
    def autocommit(self, value: bool) -> None: ...
    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def kill(self, thread_id: int) -> None: ...
    def ping(self, reconnect: bool = ...) -> None: ...
    def close(self) -> None: ...

connect = Connection
