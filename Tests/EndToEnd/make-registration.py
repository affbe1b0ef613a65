#!/usr/bin/env python3
"""Prints the JSON of one synthetic registration: nobody's number (region 00 was never issued), nobody's phone (154).

    make-registration.py --notice VERSION [--name NAME] [--values FILE]

--values also writes name, document and phone as lines `label<TAB>value` for find-canaries.py.
"""
import argparse
import json
import secrets

from testbed import make_record_id, synthetic_id


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--notice", required=True)
    parser.add_argument("--name", default="欧阳试机")
    parser.add_argument("--values")
    arguments = parser.parse_args()
    birth = f"{1970 + secrets.randbelow(30)}{1 + secrets.randbelow(12):02}{1 + secrets.randbelow(28):02}"
    document = synthetic_id(birth, f"{secrets.randbelow(1000):03}", f"00{secrets.randbelow(10_000):04}")
    phone = f"154{secrets.randbelow(100_000_000):08}"
    if arguments.values:
        with open(arguments.values, "a", encoding="utf-8") as file:
            file.write(f"name\t{arguments.name}\ndocument\t{document}\nphone\t{phone}\n")
    print(json.dumps({
        "recordId": make_record_id(), "formKey": secrets.token_hex(16), "noticeVersion": arguments.notice,
        "document": {"number": document}, "name": arguments.name, "phone": phone,
    }, ensure_ascii=False))


if __name__ == "__main__":
    main()
