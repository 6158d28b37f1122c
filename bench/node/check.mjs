// check returns what is wrong with an order: a French sentence each, the id of the
// field or column, and the row of a line.

const REQUIRED = {
  libraire_nom: 'Nom de la librairie',
  libraire_compte: 'N° de compte Interforum',
  libraire_email: 'E-mail de la librairie',
  uai: 'UAI (ex-RNE)',
  etablissement_nom: 'Nom de l’établissement',
  etablissement_adresse: 'Adresse',
  etablissement_code_postal: 'Code postal',
  etablissement_ville: 'Ville',
  contact_nom: 'Nom du contact',
};

const UAI_LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';
const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

export function check({ fields, lines }) {
  const findings = [];
  const wrong = (text, id, row) => findings.push({ text, id, row });
  for (const [id, label] of Object.entries(REQUIRED)) {
    if (!fields[id]) wrong(`${label} : cette case est vide.`, id);
  }
  if (fields.uai) {
    fields.uai = fields.uai.toUpperCase().replace(/\s/g, '');
    if (!uaiFits(fields.uai)) wrong(`UAI : ${fields.uai} n’est pas un code UAI.`, 'uai');
  }
  if (fields.etablissement_code_postal) {
    fields.etablissement_code_postal = fields.etablissement_code_postal.padStart(5, '0');
    if (!/^\d{5}$/.test(fields.etablissement_code_postal)) wrong('Code postal : 5 chiffres sont attendus.', 'etablissement_code_postal');
  }
  for (const id of ['libraire_email', 'etablissement_email', 'contact_email']) {
    if (fields[id] && !EMAIL.test(fields[id])) wrong(`${fields[id]} n’est pas une adresse e-mail.`, id);
  }
  if (!lines.length) wrong('Aucune ligne de commande.');
  for (const line of lines) {
    line.line_ean = String(line.line_ean ?? '').replace(/[\s-]/g, '');
    line.line_quantite = Number(line.line_quantite);
    if (!eanFits(line.line_ean)) wrong(`Ligne ${line.row} : l’EAN ${line.line_ean} est faux.`, 'line_ean', line.row);
    if (!Number.isInteger(line.line_quantite) || line.line_quantite < 1) wrong(`Ligne ${line.row} : la quantité est fausse.`, 'line_quantite', line.row);
  }
  return findings;
}

function uaiFits(uai) {
  return /^\d{7}[A-Z]$/.test(uai) && UAI_LETTERS[Number(uai.slice(0, 7)) % 23] === uai[7];
}

function eanFits(ean) {
  if (!/^\d{13}$/.test(ean)) return false;
  let sum = 0;
  for (let i = 0; i < 13; i++) sum += Number(ean[i]) * (i % 2 ? 3 : 1);
  return sum % 10 === 0;
}
