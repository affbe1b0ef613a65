"""The kiosk's page without a finger: each scene begins and ends at the first screen."""

import time

import page_scenes as people
from kiosk_page import check


def uses_the_keyboard(page):
    """No finger: Tab, Enter, Space and letters alone."""
    browser = page.browser

    def focused():
        return browser.script("const item = document.activeElement; return item.dataset.go ?? item.id ?? ''")

    def tab_to(*wanted):
        for _ in range(40):
            if focused() in wanted:
                break
            browser.press("Tab")
        check(focused() in wanted, f"Tab reaches {wanted[0]} on {page.screen()}")
        ring = browser.script("const style = getComputedStyle(document.activeElement);"
                              "return style.outlineStyle !== 'none' ? parseFloat(style.outlineWidth) : 0")
        check(ring >= 4, f"its focus is seen: {ring:.0f} px")

    tab_to("register")
    page.picture("keyboard-focus")
    browser.press("Enter")
    page.wait_for("notice")
    tab_to("next")
    browser.press("Space")
    page.wait_for("keypad")
    for symbol in people.FIRST["document"]:
        browser.press(symbol)
        time.sleep(0.09)
    check(page.typed() == people.FIRST["document"], "digits of the keyboard are taken")
    tab_to("back")
    browser.press("Enter")
    page.wait_for("notice")
    check(True, "Enter on a button is that button's own")
    tab_to("next")
    browser.press("Enter")
    page.wait_for("keypad")
    browser.press("Enter")
    page.wait_for("keypad")
    for symbol in people.FIRST["phone"]:
        browser.press(symbol)
        time.sleep(0.09)
    browser.press("Enter")
    page.wait_for("name")
    browser.press(*"Ali Test")
    time.sleep(0.2)
    browser.press("Enter")
    page.wait_for("groups")
    tab_to("skip")
    browser.press("Enter")
    page.wait_for("wishes")
    tab_to("skip")
    browser.press("Enter")
    page.wait_for("check")
    tab_to("submit")
    browser.press("Enter")
    check(len(people.ticket_of(page)) == 6, "a registration by keyboard alone")
    tab_to("done")
    browser.press("Enter")
    page.wait_for("home")
