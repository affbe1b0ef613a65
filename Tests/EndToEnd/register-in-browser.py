#!/usr/bin/env python3
"""Plays people at the kiosk's page in headless Chromium, by touch, keyboard and scanner, against the real programs.

    register-in-browser.py --programs DIR --work DIR [--size 1080x1920] [--only SCENE]

Screenshots of every screen land in WORK/pictures, to be looked at; each is measured (contrast, sizes, names of the
controls). Time is not waited for: the page's monotonic clock is moved ahead, which no code of the page knows of.
"""
import argparse
import os
import shutil

import closed_scenes as closed
import keyboard_scenes
import page_scenes as scene
import vacancy_scenes as vacancies
from kiosk_page import KioskPage, check
from testbed import Headquarters, Kiosk, free_port, today
from webdriver import Browser

def play(headquarters, kiosk, silent, browser, size, pictures, only):
    page = KioskPage(browser, kiosk.address, pictures, size)
    page.open()
    ticket, address = scene.registers(page, kiosk)
    scenes = {
        "back": lambda: scene.goes_back(page, ticket), "used-id": lambda: scene.meets_a_used_id(page, kiosk),
        "lost-answers": lambda: scene.loses_answers(page), "mistakes": lambda: scene.makes_mistakes(page),
        "passport": lambda: scene.shows_a_passport(page), "young": lambda: scene.comes_young(page),
        "notice": lambda: scene.reads_the_whole_notice(page), "idle": lambda: scene.walks_away(page),
        "entry": lambda: scene.walks_in(page), "scan": lambda: scene.scans(page, address),
        "lost-slip": lambda: scene.loses_a_slip(page, kiosk),
        "keyboard": lambda: keyboard_scenes.uses_the_keyboard(page),
        "browse": lambda: vacancies.browses(page, kiosk), "search": lambda: vacancies.searches_and_prints(page, kiosk),
        "intents": lambda: vacancies.states_intents(page, kiosk),
        "take-back": lambda: closed.takes_back_what_is_closed(page, headquarters, kiosk),
        "refusals": lambda: vacancies.meets_refusals(page, kiosk, silent),
        "failing-list": lambda: closed.meets_a_failing_list(page),
        "adults": lambda: closed.reads_who_is_not_taken(page, kiosk),
        "leave-choices": lambda: vacancies.walks_away_from_choices(page, kiosk),
        "wishes": lambda: vacancies.changes_wishes(page, kiosk),
        "register-wishes": lambda: vacancies.registers_with_wishes(page, kiosk),
    }
    for name, plays in scenes.items():
        if only in (None, name):
            print(f"--    {size} {name}", flush=True)
            plays()
    judge(page)


def judge(page):
    for statement in sorted(set(page.wrong)):
        print(f"wrong {statement}", flush=True)
    check(page.wrong == [], f"{page.label}: {page.count} pictures, contrast at least {page.least_contrast:.1f} to 1, "
          f"text at least {page.smallest_text:.0f} px, all controls named and large enough")
    # The browser writes every refusal to its console: the conflict, no last slip before the first one, a dead printer.
    errors = [error for error in page.browser.errors()
              if "status of 4" not in error and "status of 503" not in error and "favicon" not in error]
    check(errors == [], f"no error on the page's console {errors[:3]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--size", action="append", help="WIDTHxHEIGHT; 1080x1920, 1280x800 and 1280x720 without it")
    parser.add_argument("--only", help="one scene after the first")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    work, programs = os.path.abspath(options.work), os.path.abspath(options.programs)
    pictures = os.path.join(work, "pictures")
    os.makedirs(pictures)
    headquarters = Headquarters(os.path.join(work, "hq"), programs)
    kiosk = Kiosk(os.path.join(work, "kiosk"), programs, "B1", demonstration=True)
    silent = Kiosk(os.path.join(work, "silent"), programs, "B2",
                   printer=f"{{kind: network, host: 127.0.0.1, port: {free_port()}, profile: 58mm}}")
    try:
        fair = headquarters.prepare(kind="fair")
        headquarters.program.start()
        for each in (kiosk, silent):
            each.program.start()
            each.join(headquarters, fair, today())
        for size in options.size or ["1080x1920", "1280x800", "1280x720"]:
            browser = Browser(work, *map(int, size.split("x")))
            try:
                play(headquarters, kiosk, silent, browser, size, pictures, options.only)
                if options.only in (None, "printer"):
                    page = KioskPage(browser, silent.address, pictures, size + "-silent")
                    page.open()
                    scene.prints_nothing(page)
                    closed.prints_no_vacancy(page)
                    judge(page)
            finally:
                browser.close()
    finally:
        for each in (kiosk, silent):
            each.program.stop()
        headquarters.program.stop()
    print(f"browser: all true; pictures in {pictures}")


if __name__ == "__main__":
    main()
