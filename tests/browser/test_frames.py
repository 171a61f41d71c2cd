"""What an instructor does with a lab: links to it at given settings, and frames it elsewhere."""

import pytest
from playwright.sync_api import expect

from iowall.scenarios import TRACKS
from tests.browser.play import kept, ready, seed
from tests.browser.test_access import LAB, PAGE, figures, lock, seeded

CHROME = ".bd-header, .bd-header-article, .bd-sidebar, .bd-footer, .prev-next-footer"
BLOCKED = """for (const name of ["localStorage", "sessionStorage"]) {
    const get = () => { throw new DOMException("blocked", "SecurityError") };
    Object.defineProperty(window, name, { get, configurable: true });
}"""


def test_a_link_opens_the_lab_at_its_settings_behind_the_lock(visit):
    page = ready(visit().open(f"{PAGE}?track=edge&device=sd-card&order=shuffled&workers=16#lab"))
    expect(page.locator(".iowall-mission")).to_contain_text(TRACKS["edge"].name)
    expect(page.locator(".iowall-workbench")).to_have_count(0)
    lock(page)
    expect(page.get_by_label("Storage", exact=True)).to_have_value("SD card")
    settings = kept(page).of("access").settings
    assert (settings["device"], settings["order"], settings["workers"]) == (
        "SD card",
        "shuffled",
        "16",
    )
    expect(page.locator(".iowall-problem, .iowall-notice p")).to_have_count(0)


def test_what_a_link_cannot_do_is_said_and_the_rest_is_done(visit):
    reader = visit()
    seed(reader.context, seeded("cloud"))
    page = ready(reader.open(f"{PAGE}?colour=red&order=sideways&device=S3"))
    figures(page)
    said = page.locator(".iowall-problem", has_text="colour")
    expect(said).to_contain_text("there are order, file_format, device,")
    expect(said).to_contain_text("“sideways”; it can be sequential, shuffled.")
    expect(page.get_by_label("Storage", exact=True)).to_have_value("S3")
    # A ledger in another track stays as it is.
    page.goto(f"{reader.address}{PAGE}?track=tiny&device=SD-card")
    figures(ready(page))
    expect(page.locator(".iowall-notice")).to_contain_text("your ledger is in Cloud Titan")
    assert kept(page).track == "cloud"
    assert kept(page).of("access").settings["device"] == "S3"


def test_the_link_to_these_settings_is_copied_and_leads_there(visit):
    reader = visit(permissions=["clipboard-read", "clipboard-write"])
    seed(reader.context, seeded("cloud"))
    page = ready(reader.open(PAGE))
    figures(page)
    page.get_by_label("Storage", exact=True).select_option("EBS gp3")
    link = page.get_by_role("link", name="Link to these settings")
    expect(link).to_have_attribute("href", "?track=cloud&order=shuffled&file_format=raw&"
        "device=EBS-gp3&workload=Photographs-%28resnet50%29&workers=1&shard_size=1MB&"
        "shuffle_buffer=1#lab")  # fmt: skip
    link.click()
    expect(page.locator(".iowall-link")).to_contain_text(f"Copied: {reader.address}{PAGE}?track=")
    address = page.evaluate("navigator.clipboard.readText()")
    page.get_by_label("Storage", exact=True).select_option("S3")
    expect(page.locator(".iowall-link")).not_to_contain_text("Copied")  # no longer these settings
    page.goto(address)
    figures(ready(page))
    expect(page.get_by_label("Storage", exact=True)).to_have_value("EBS gp3")


def test_an_embedded_page_is_the_page_alone_and_so_are_its_links(visit):
    reader = visit()
    page = ready(reader.open(f"{PAGE}?embed&track=mobile#lab"))
    for one in page.locator(CHROME).all():
        expect(one).to_be_hidden()
    expect(page.locator(".iowall-mission")).to_contain_text(TRACKS["mobile"].name)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(LAB).bounding_box()["y"] == pytest.approx(0, abs=60)  # its anchor
    page.locator('article a[href*="references.html"]').first.click()
    page.wait_for_url("**/book/references.html?embed**")
    expect(page.locator(".bd-sidebar-primary")).to_be_hidden()
    page.go_back()
    with page.expect_popup() as opened:
        ready(page).get_by_role("link", name="Open as notebook").click()
    opened.value.close()


def test_without_embed_a_page_has_its_frame(visit):
    page = ready(visit().open(PAGE))
    expect(page.locator(".bd-sidebar-primary")).to_be_visible()
    page.locator('article a[href*="references.html"]').first.click()
    page.wait_for_url("**/book/references.html**")
    assert "embed" not in page.url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_works_in_the_frame_of_the_same_and_of_another_site(visit, host):
    reader = visit(viewport={"width": 800, "height": 900})
    same = host == "127.0.0.1"
    if not same:  # some browsers would keep a storage for each such site
        reader.context.add_init_script(BLOCKED)
    frame = f"{reader.address}{PAGE}?embed&track=edge&order=shuffled#lab"
    body = f'<iframe src="{frame}" width="780" height="880" title="Lab"></iframe>'
    page = reader.context.new_page()
    # To the browser these are two sites. A script shown as text has no policy against frames.
    reader.context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(reader.address.replace("127.0.0.1", host) + "searchindex.js")
    page.evaluate("body => { document.body.innerHTML = body }", body)
    frame = page.frame_locator("iframe")
    expect(frame.locator(f'{LAB}[data-state="ready"]')).to_be_visible(timeout=60_000)
    says = "saved in this browser" if same else "This browser keeps nothing"
    expect(frame.locator(".iowall-ledger")).to_contain_text(says)
    frame.locator(".iowall-lock input[type=radio]").first.check()
    frame.get_by_label("How many times").fill("3")
    frame.get_by_label("Your reason").fill("so")
    frame.get_by_role("button", name="Lock in").click()
    expect(frame.locator(".iowall-waterfall .bqplot")).to_be_visible()
    hosts = ("request elsewhere: http://localhost",)
    reader.wrong = [wrong for wrong in reader.wrong if not wrong.startswith(hosts)]
