"""What all pages share: login by OIDC, the session, the layout, two languages, styles.

    web = install(host.app, settings, host.clock, room=Path(__file__).parent / "pages", texts=TEXTS)

    @host.app.get("/", response_class=HTMLResponse)
    async def overview(request: Request, visitor: Visitor) -> Response:
        require(visitor, Role.MINISTRY)
        return web.render(request, "overview.html", rows=rows)

A form sends `{{ csrf() }}` along, its route has `dependencies=[CsrfChecked]`.
"""

from shared.web.login import CsrfChecked, LoginNeeded, Visitor, session_of
from shared.web.pages import Web, install
from shared.web.texts import Texts

__all__ = ["CsrfChecked", "LoginNeeded", "Texts", "Visitor", "Web", "install", "session_of"]
