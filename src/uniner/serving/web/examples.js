// Questions to begin with.

const EXAMPLES = [
  {
    title: "History",
    types: ["person", "city", "university", "organization", "date", "machine", "journal"],
    text:
      "Ada Lovelace met Charles Babbage in London in June 1833. The Analytical Engine that he designed at the " +
      "University of Cambridge was never built, yet her notes on it, printed in Taylor's Scientific Memoirs, " +
      "hold what many call the first computer program.\n\nA century later Alan Turing read them at Bletchley " +
      "Park, where he worked for the Government Code and Cypher School.",
  },
  {
    title: "Medicine",
    types: ["disease", "symptom", "drug", "dose", "hospital", "gene"],
    text:
      "A 54-year-old woman with type 2 diabetes came to St Mary's Hospital with chest pain and shortness of " +
      "breath. She had taken metformin and 20 mg of atorvastatin every day since March. An ECG showed atrial " +
      "fibrillation; the cardiologist began apixaban. Variants of the gene SCN5A were not found.",
  },
  {
    title: "Travel",
    types: ["city", "airline", "food", "festival", "camera", "person"],
    text:
      "Just back from Kyoto 🍁 and its ramen 🍜! We flew with Japan Airlines to Osaka, then took the train. " +
      "My Fujifilm X100V died on the way 😭 so the photos are from Léa's iPhone 15. Next year: Zürich and the " +
      "Montreux Jazz Festival.",
  },
];

