// The people of the demonstration. Their names and addresses are invented.

/** The people who can log in at the BlueConic tenant. */
export const BLUECONIC = [
  { id: "user:mara", name: "Mara Voss", email: "mara.voss@acme.example", note: "Application Manager: everything" },
  {
    id: "user:max",
    name: "Max Adler",
    email: "max.adler@acme.example",
    note: "second Application Manager, until next month",
  },
  {
    id: "user:cora",
    name: "Cora Lindqvist",
    email: "cora.lindqvist@acme.example",
    note: "Content Manager: sees who the users are",
  },
  {
    id: "user:sam",
    name: "Sam Okafor",
    email: "sam.okafor@acme.example",
    note: "Online Marketer: no access management",
  },
  {
    id: "user:dana",
    name: "Dana Reyes",
    email: "dana.reyes@acme.example",
    note: "Digital Privacy Officer: reads personal data",
  },
  { id: "user:rosa", name: "Rosa Brandt", email: "rosa.brandt@acme.example", note: "sees the roles, and nothing else" },
  { id: "user:tom", name: "Tom Haddad", email: "tom.haddad@acme.example", note: "IT administrator for 12 more days" },
  { id: "user:ines", name: "Ines Kaya", email: "ines.kaya@acme.example", note: "Newsroom, a role of this tenant" },
  { id: "user:nia", name: "Nia Castell", email: "nia.castell@acme.example", note: "invited; the login accepts it" },
  {
    id: "user:olga",
    name: "Olga Brehm",
    email: "olga.brehm@northlight.example",
    note: "Application Manager of another tenant",
  },
  { id: "support:jo", name: "Jo Whitfield", email: "jo@vendor.example", note: "support of the vendor, where let in" },
];

/** The people who can log in at the Bloomreach instance. */
export const BLOOMREACH = [
  {
    id: "user:ada",
    name: "Ada Berglund",
    email: "ada.berglund@acme.example",
    note: "SSO Account Admin: the account and its projects",
  },
  {
    id: "user:ivan",
    name: "Ivan Petrov",
    email: "ivan.petrov@acme.example",
    note: "Account IAM Admin: the people of the account",
  },
  { id: "user:pia", name: "Pia Moreau", email: "pia.moreau@acme.example", note: "Project Admin of the shop" },
  {
    id: "user:rita",
    name: "Rita Solberg",
    email: "rita.solberg@acme.example",
    note: "edits scenarios, asks for temporary access",
  },
  {
    id: "user:anna",
    name: "Anna Brandt",
    email: "anna.brandt@acme.example",
    note: "views analyses, approves requests",
  },
  {
    id: "user:felix",
    name: "Felix Oyelaran",
    email: "felix.oyelaran@acme.example",
    note: "publishes scenarios for six more days",
  },
  { id: "user:sue", name: "Sue Tanaka", email: "sue.tanaka@vendor.example", note: "Super Admin of the instance" },
  { id: "user:bea", name: "Beatriz Nunes", email: "bea@agency.example", note: "external, from an agency" },
  { id: "user:olga", name: "Olga Brehm", email: "olga.brehm@northlight.example", note: "admin of another account" },
];

const FIRST = [
  "Aldo",
  "Britta",
  "Chen",
  "Dilara",
  "Emil",
  "Farah",
  "Gustav",
  "Hana",
  "Iker",
  "Jana",
  "Kwame",
  "Lena",
  "Milo",
  "Noor",
  "Oskar",
  "Petra",
  "Quinn",
  "Ravi",
  "Selma",
  "Tariq",
  "Uma",
  "Viktor",
  "Wanda",
  "Xenia",
  "Yusuf",
  "Zoe",
];
const LAST = [
  "Ferri",
  "Holm",
  "Wei",
  "Aydin",
  "Larsen",
  "Nasser",
  "Dahl",
  "Ito",
  "Etxebarria",
  "Novak",
  "Mensah",
  "Fischer",
  "Rossi",
  "Said",
  "Kern",
  "Vogel",
];

/** Returns more people, the same ones every time. */
export function crowd(count) {
  return Array.from({ length: count }, (_, index) => {
    const first = FIRST[index % FIRST.length];
    const last = LAST[(index * 7 + Math.floor(index / FIRST.length)) % LAST.length];
    const id = `${first}-${last}${index >= FIRST.length * LAST.length ? index : ""}`.toLowerCase();
    return { id: `user:${id}`, name: `${first} ${last}`, email: `${id.replace("-", ".")}@acme.example` };
  });
}
