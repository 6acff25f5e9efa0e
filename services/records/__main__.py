from chassis.server import run

from .app import build
from .settings import Settings

run(build, Settings)
