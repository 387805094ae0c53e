from lxml import etree

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def entries(document):
    """Titles and addresses of a feed's entries."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    feed = etree.fromstring(document, parser)
    return [
        {"title": entry.findtext("a:title", namespaces=ATOM), "link": entry.xpath("string(a:link/@href)", namespaces=ATOM)}
        for entry in feed.xpath("a:entry", namespaces=ATOM)
    ]
