// compose writes the reply to an order mail, as text and as HTML: the order's
// number and lines, or what is wrong with the form.

const HTML = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (s) => String(s ?? '').replace(/[&<>"]/g, (c) => HTML[c]);
const currency = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' });
const euros = (n) => currency.format(n);

export function compose(from, mail, order, findings, marked) {
  const subject = `${order.number ? `[${order.number}] ` : ''}Re: ${mail.subject ?? ''}`;
  const body = order.number ? acknowledgement(order) : report(findings);
  return {
    from,
    to: mail.from.value[0].address,
    subject,
    inReplyTo: mail.messageId,
    references: mail.messageId,
    headers: { 'Auto-Submitted': 'auto-replied' },
    attachments: marked ? [marked] : [],
    ...body,
  };
}

function acknowledgement({ number, fields, lines }) {
  const facts = [
    ['Numéro', number],
    ['Librairie', fields.libraire_nom],
    ['Votre référence', fields.libraire_reference],
    ['Établissement', fields.etablissement_nom],
    ['UAI', fields.uai],
  ];
  const quantity = lines.reduce((sum, l) => sum + l.line_quantite, 0);
  const detail = (l) => [l.line_ean, l.line_duree, l.line_licence].filter(Boolean).join(', ');
  const total = (l) => (l.line_prix_ht ? `${euros(l.line_quantite * l.line_prix_ht)} HT (${euros(l.line_prix_ht)} l’unité)` : '');

  const text = `Bonjour,

Nous avons bien reçu votre commande et nous vous en remercions.
Elle est enregistrée sous le numéro ${number}.

${facts.map(([label, value]) => `  ${label.padEnd(17)}${value ?? ''}`).join('\n')}

LIGNES COMMANDÉES

${lines.map((l) => `${String(l.line_quantite).padStart(4)} × ${l.line_titre ?? ''}\n       ${detail(l)}\n       ${total(l)}`).join('\n')}

  ${lines.length} lignes, quantité totale ${quantity}

ET MAINTENANT ?

Notre équipe vérifie votre commande, puis ouvre le service à l’établissement.
Vous n’avez rien d’autre à faire.

Cordialement,
L’équipe du Canal Numérique des Savoirs
`;

  const html = `<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>Commande enregistrée</title></head>
<body style="margin:0;padding:16px;background-color:#eef1f5;font:15px/22px Arial,Helvetica,sans-serif;color:#1f2933">
<p style="margin:0 0 16px">Bonjour,</p>
<h1 style="margin:0;padding:14px 20px;font:bold 18px/24px Arial,Helvetica,sans-serif;background-color:#1b6e43;color:#ffffff">Commande enregistrée : ${number}</h1>
<p style="margin:0 0 16px">Nous avons bien reçu votre commande et nous vous en remercions.</p>
<table cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px;font:14px/20px Arial,Helvetica,sans-serif;color:#1f2933">
${facts.map(([label, value]) => `<tr valign="top"><th scope="row" align="left" style="padding:2px 16px 2px 0;font-weight:normal;color:#52606d">${label}</th><td style="padding:2px 0">${escape(value)}</td></tr>`).join('\n')}
</table>
<h2 style="margin:20px 0 8px;font:bold 16px/22px Arial,Helvetica,sans-serif;color:#1f2933">Lignes commandées</h2>
<table width="100%" cellpadding="5" cellspacing="0" border="0" style="border-collapse:collapse;font:13px/18px Arial,Helvetica,sans-serif;color:#1f2933">
<tr style="background-color:#f3f5f8"><th scope="col" align="left">Titre</th><th scope="col" align="right">Qté</th><th scope="col" align="right">Total HT</th></tr>
${lines.map((l) => `<tr valign="top"><td style="border-bottom:1px solid #d9dee5">${escape(l.line_titre)}<br><span style="color:#52606d">${escape(detail(l))}</span></td><td align="right" style="border-bottom:1px solid #d9dee5">${l.line_quantite}</td><td align="right" style="border-bottom:1px solid #d9dee5">${total(l)}</td></tr>`).join('\n')}
<tr style="background-color:#f3f5f8;font-weight:bold"><th scope="row" align="left">${lines.length} lignes</th><td align="right">${quantity}</td><td></td></tr>
</table>
<h2 style="margin:20px 0 8px;font:bold 16px/22px Arial,Helvetica,sans-serif;color:#1f2933">Et maintenant ?</h2>
<p style="margin:0">Notre équipe vérifie votre commande, puis ouvre le service à l’établissement. Vous n’avez rien d’autre à faire.</p>
<p>Cordialement,<br>L’équipe du Canal Numérique des Savoirs</p>
</body>
</html>
`;
  return { text, html };
}

function report(findings) {
  const text = `Bonjour,

Nous n’avons pas pu enregistrer votre commande :

${findings.map((f) => `  - ${f.text}`).join('\n')}

Corrigez le bon de commande et renvoyez-le en réponse à ce message.

Cordialement,
L’équipe du Canal Numérique des Savoirs
`;
  const html = `<p>Bonjour,</p>
<p>Nous n’avons pas pu enregistrer votre commande :</p>
<ul>${findings.map((f) => `<li>${escape(f.text)}</li>`).join('')}</ul>
<p>Corrigez le bon de commande et renvoyez-le en réponse à ce message.</p>
<p>Cordialement,<br>L’équipe du Canal Numérique des Savoirs</p>
`;
  return { text, html };
}
