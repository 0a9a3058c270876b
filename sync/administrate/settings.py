"""The settings of the client: addresses, credentials, time-outs and limits."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from ledger.errors import SettingsError
from ledger.settings.environment import PROCESS, Environment, Kind, Setting
from sync.administrate.pace.rate import RateLimit
from sync.administrate.pace.retry import RetryBudget
from sync.administrate.transport.addresses import Form, address
from sync.administrate.transport.connections import Timeouts
from sync.administrate.transport.network import SETTINGS as NETWORK
from sync.administrate.transport.network import Network, variable

_API, _AUTH, _INSTANCE = Form(("graphql",)), Form(("oauth", "token")), Form(())
_FORMS = {
    "ADMINISTRATE_API_URL": _API,
    "ADMINISTRATE_AUTH_URL": _AUTH,
    "ADMINISTRATE_INSTANCE_URL": _INSTANCE,
}
_SECRETS = ("ADMINISTRATE_API_KEY", "ADMINISTRATE_API_SECRET")
_ADDRESSES = (
    "where Administrate is: a host, or an address with or without its path (`…/graphql`,"
    " `…/oauth`, `…/oauth/token`)"
)
_OWNERS = "what locations and instructors are created in, instead of being asked"
ALLOW_HTTP = Setting(
    "ADMSYNC_ALLOW_HTTP",
    "`1`: an address may be `http` on another machine, as in a network of containers; a bare host"
    " is `https`, one of this machine `http`",
    Kind.SWITCH,
)
SETTINGS = (
    *(Setting(name, _ADDRESSES, Kind.ADDRESS) for name in _FORMS),
    *(Setting(name, "the credentials that it knows us by", Kind.SECRET) for name in _SECRETS),
    Setting("ADMINISTRATE_REGION_ID", _OWNERS),
    Setting("ADMINISTRATE_ACCOUNT_ID", _OWNERS),
    Setting(
        "ADMINISTRATE_TAX_TYPE_ID",
        "the tax type of events imported, where Administrate has several",
    ),
    ALLOW_HTTP,
    *NETWORK,
)


@frozen
class AdministrateSettings:
    """What the client needs to know; the key and secret stay out of its ``repr``.

    Read from the environment, ``api_url`` and ``auth_url`` are the full addresses (``…/graphql``,
    ``…/oauth/token``); made otherwise, they may be the host alone.
    """

    api_url: str
    auth_url: str
    instance_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    timeouts: Timeouts = field(factory=Timeouts)
    retries: RetryBudget = field(factory=RetryBudget)
    rate: RateLimit = field(factory=RateLimit)
    network: Network = field(factory=Network)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> AdministrateSettings:
        """The settings of these variables. SettingsError names every one that is missing or cannot
        be used, and an address that is not from where the secret is from."""
        given = Environment.of(environ).with_secrets(SETTINGS)
        missing = [name for name in (*_FORMS, *_SECRETS) if not given.get(name, "").strip()]
        where = f"in the environment or in {given.path.name if given.path else '.env'}"
        wrong = [f"not set: {', '.join(missing)} (set {where})"] if missing else []
        addresses: dict[str, str] = {}
        network = Network()
        try:
            allow_http = ALLOW_HTTP.is_on(given)
            network = Network.from_environment(given)
        except SettingsError as problem:
            wrong.append(str(problem))
            allow_http = False
        for name in [name for name in _FORMS if name not in missing]:
            try:
                addresses[name] = address(name, given[name], _FORMS[name], allow_http=allow_http)
            except SettingsError as problem:
                wrong.append(str(problem))
        if wrong:
            raise SettingsError("; ".join(wrong))
        _require_one_source(given)
        key, secret = (given[name].strip() for name in _SECRETS)
        api, auth, instance = addresses.values()
        return cls(api, auth, instance, key, secret, network=network)

    @property
    def graphql_url(self) -> str:
        """The address operations are posted to."""
        return _API.whole_address(self.api_url)

    @property
    def token_url(self) -> str:
        """The address of the token endpoint."""
        return _AUTH.whole_address(self.auth_url)


def _require_one_source(given: Environment) -> None:
    """A proxy or a bundle of certificates leads astray as an address does, where a file names it
    beside the environment's secret; the environment's own are everybody's on the machine."""
    named = [variable(given, one.name) for one in NETWORK]
    lent = [name for name in named if given.source(name) not in (None, PROCESS)]
    given.require_one_source(_SECRETS, [*_FORMS, *lent])
