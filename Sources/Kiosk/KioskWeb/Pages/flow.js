// One person's answers: which question comes next, what is sent, which step a problem belongs to. Touches no page.

import { newFormKey, newRecordID } from "/assets/requests.js";
import { fill, strings } from "/assets/screens.js";

export function newPerson(noticeVersion) {
  return {
    recordId: newRecordID(), formKey: newFormKey(), noticeVersion,
    kind: "residentID", number: "", birth: "", phone: "", hasNoPhone: false, contact: "", name: "", isNameLater: false,
    groups: [], consent: false, wishes: newWishes(), problems: {}, isReviewing: false,
  };
}

// What is hoped for; everything may stay open.
export function newWishes() {
  return {
    occupations: [], lowestPay: null, places: [], home: "", workForm: "", board: false, nightShifts: null, skills: [],
    travel: false,
  };
}

// As the kiosk takes them; null where nothing was said.
export function wishesBody(wishes) {
  const body = {};
  if (wishes.occupations.length > 0) body.occupations = wishes.occupations;
  if (wishes.lowestPay) body.lowestPayYuanMonth = wishes.lowestPay;
  if (wishes.places.length > 0) body.places = wishes.places;
  if (wishes.home) body.home = wishes.home;
  if (wishes.workForm) body.workForms = [wishes.workForm];
  if (wishes.board) body.board = true;
  if (wishes.nightShifts !== null) body.nightShifts = wishes.nightShifts;
  if (wishes.skills.length > 0) body.skills = wishes.skills;
  if (wishes.travel) body.travel = true;
  return Object.keys(body).length > 0 ? body : null;
}

// Another id for the same person: the first was used by somebody else's request. What was typed stays.
export function renew(person) {
  person.recordId = newRecordID();
  person.formKey = newFormKey();
}

const datedKinds = ["residentID", "residencePermit"];

// A number without a birth date: the age has to be asked for.
function needsBirth(person) {
  const isDatedPermanent = person.kind === "permanentResident" && /^9\d{16}[\dX]$/.test(person.number);
  return !datedKinds.includes(person.kind) && !isDatedPermanent;
}

export function steps(person, hasGroups) {
  return [
    "notice", "document", ...(needsBirth(person) ? ["birth"] : []), "phone", ...(person.hasNoPhone ? ["contact"] : []),
    "name", ...(hasGroups ? ["groups"] : []), "wishes", "check",
  ];
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

// GB 11643-1999: weights, remainder of 11, check character. The kiosk judges again; this only saves a round.
export function isResidentNumber(number) {
  if (!/^\d{17}[\dX]$/.test(number)) return false;
  const sum = weights.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  return "10X98765432"[sum % 11] === number[17];
}

export function birthDate(person) {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(person.birth) ?? [];
  return year ? `${year}-${month}-${day}` : null;
}

export function isRealDay(text) {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  if (!year || Number(year) < 1880) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

// The name of the local problem of a step, or null.
export function localProblem(step, person) {
  switch (step) {
    case "document":
      if (person.kind === "none") return null;
      if (person.number === "") return "empty";
      if (person.kind === "residentID" && ![15, 18].includes(person.number.length)) return "length";
      if (person.kind !== "residentID" || person.number.length === 15 || isResidentNumber(person.number)) return null;
      return "check";
    case "birth": return person.birth === "" || isRealDay(person.birth) ? null : "invalid";
    case "phone": return person.hasNoPhone || /^(1\d{10}|0\d{9,11})$/.test(person.phone) ? null : "invalid";
    case "contact": return person.contact === "" || /^(1\d{10}|0\d{9,11})$/.test(person.contact) ? null : "invalid";
    case "name": return person.isNameLater || person.name.trim() !== "" ? null : "empty";
    case "groups": return person.groups.length > 0 && !person.consent ? "consentNeeded" : null;
    default: return null;
  }
}

export function requestBody(person) {
  const body = {
    recordId: person.recordId, formKey: person.formKey, noticeVersion: person.noticeVersion, document: null,
    language: "zh-Hans",
  };
  if (person.kind !== "none") {
    body.document = { number: person.number };
    // The number of a Chinese card says by itself which card it is.
    if (person.kind !== "residentID") body.document.kind = person.kind;
  }
  if (needsBirth(person) && birthDate(person)) body.birthDate = birthDate(person);
  if (person.hasNoPhone) {
    body.noPhone = true;
    if (person.contact) body.contactPhone = person.contact;
  } else {
    body.phone = person.phone;
  }
  if (!person.isNameLater) body.name = person.name.trim();
  if (person.groups.length > 0 && person.consent) {
    body.keyGroups = person.groups;
    body.keyGroupConsent = true;
  }
  const wishes = wishesBody(person.wishes);
  if (wishes) body.wishes = wishes;
  return body;
}

const fieldSteps = [
  [/^document/, "document"], [/^birthDate/, "birth"], [/^(phone|noPhone)/, "phone"], [/^contactPhone/, "contact"],
  [/^name/, "name"], [/^keyGroup/, "groups"], [/^wishes/, "wishes"], [/^notice/, "notice"],
];

// Problems of the kiosk by step; what belongs to no step goes to the check screen.
export function problemsByStep(errors, all) {
  const found = {};
  for (const error of errors) {
    let step = fieldSteps.find(([pattern]) => pattern.test(error.field))?.[1] ?? "check";
    if (step === "contact" && !all.includes("contact")) step = "phone";
    if (!all.includes(step)) step = step === "birth" ? "document" : "check";
    found[step] = [...(found[step] ?? []), error.zh];
  }
  return found;
}

// A number whose check character is right needs no second look, so most of it is hidden; any other must be read again.
export function shownNumber(number) {
  return isResidentNumber(number) ? `${"•".repeat(4)} ${number.slice(-4)}` : number;
}

// As it is said aloud: nothing else would find a mistyped digit.
export function groupedPhone(phone) {
  return phone.startsWith("1") ? phone.replace(/^(.{3})(.{4})(.*)$/, "$1 $2 $3") : phone;
}

export function spokenDay(digits) {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number);
  return fill(strings.check.day, { y: year, m: month, d: day });
}

const idMask = () => ({ groups: [6, 8, 4] });
const phoneMask = (value) => (value.startsWith("0") ? { groups: [12] } : { groups: [3, 4, 4] });

// A number of a document of `asked.kind`, kept in `asked.number`.
export function documentQuestion(asked, title) {
  const isID = asked.kind === "residentID" || asked.kind === "residencePermit";
  return {
    title, layout: isID ? "id" : "letters", hint: isID ? strings.document.hint : strings.document.letterHint,
    max: isID ? 18 : 20, mask: isID ? idMask : null,
    keys: isID ? /^[\dX]$/ : /^[\dA-Z]$/, get: () => asked.number, set: (value) => { asked.number = value; },
  };
}

// The last four of a phone, or of a document where `layout` is "id", kept in `asked.digits`.
export function digitsQuestion(asked, text, layout = "digits") {
  return {
    title: text.title, hint: text.hint, next: text.next, layout, max: 4, keys: layout === "id" ? /^[\dX]$/ : /^\d$/,
    mask: () => ({ groups: [4] }), get: () => asked.digits, set: (value) => { asked.digits = value; },
  };
}

// What the keypad asks in a step of the registration, and where its answer is kept.
export function question(step, person) {
  const text = strings[step] ?? {};
  switch (step) {
    case "birth":
      return {
        ...text, layout: "digits", max: 8, keys: /^\d$/, skip: text.skip,
        hint: `${text.hint}。${text.skipHint}`, mask: () => ({ groups: [4, 2, 2], marks: text.template }),
        get: () => person.birth, set: (value) => { person.birth = value; },
      };
    case "phone":
      return {
        ...text, layout: "digits", max: 12, keys: /^\d$/, skip: text.none, mask: phoneMask,
        get: () => person.phone, set: (value) => { person.phone = value; },
      };
    case "contact":
      return {
        ...text, layout: "digits", max: 12, keys: /^\d$/, skip: text.none, mask: phoneMask,
        get: () => person.contact, set: (value) => { person.contact = value; },
      };
    default: {
      const title = person.kind === "residentID" ? strings.document.title : strings.document[`${person.kind}Title`];
      return documentQuestion(person, title);
    }
  }
}
