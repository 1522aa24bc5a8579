"""The ways in which calendar programs are told to subscribe to a feed."""

from urllib.parse import urlencode, urlsplit


def feed_links(base_url: str, path: str, query: str, name: str) -> dict[str, str]:
    """The ways to subscribe to the feed at `path`, which is called `name`.

    `path`, `https` and `webcal` are its address; `google`, `outlook` and `outlook_work` are pages elsewhere that ask
    for it. Google takes an address for a calendar of others only when it begins with `webcal`.
    """
    path += f"?{query}" if query else ""
    address = base_url + path
    webcal = "webcal" + address[len(urlsplit(address).scheme) :]
    wanted = urlencode({"url": address, "name": name})
    return {
        "name": name,
        "path": path,
        "https": address,
        "webcal": webcal,
        "google": "https://calendar.google.com/calendar/r?" + urlencode({"cid": webcal}),
        "outlook": f"https://outlook.live.com/calendar/0/addfromweb?{wanted}",
        "outlook_work": f"https://outlook.office.com/calendar/0/addfromweb?{wanted}",
    }
