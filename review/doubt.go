package review

import (
	"strings"

	"bdc/store"
)

// doubt is what every page says while the record may not own the inbox.
type doubt struct {
	store.Doubt
	More string // in French; or ""
}

// choose says what ends the doubt whether this data file or another is the right one.
const choose = "Un administrateur doit mettre en service le bon fichier, ou donner la boîte à celui-ci par " +
	"« bdc inbox claim »."

// Words says in French what the doubt is, and what ends it.
func (d doubt) Words() string {
	switch d.Doubt {
	case store.Copied:
		return "Ce fichier de données est une copie de sauvegarde : rien n’est reçu et rien ne part. " +
			"Un administrateur peut le mettre en service par « bdc restore » ou « bdc inbox claim »."
	case store.Behind:
		return "La boîte aux lettres appartient à un fichier de données plus récent : rien n’est reçu, rien ne part. " +
			choose
	case store.Foreign:
		return "La boîte aux lettres appartient à un autre registre : rien n’est reçu et rien ne part. " + choose
	case store.Restored:
		return "Le registre vient d’être remis en service : les dossiers de la boîte aux lettres doivent d’abord " +
			"être relus. D’ici là, rien n’est reçu et rien ne part."
	}
	return "La boîte aux lettres n’a pas encore répondu depuis le démarrage : rien n’est reçu et rien ne part."
}

// Detail is More as it follows the words, or "".
func (d doubt) Detail() string {
	if d.More == "" {
		return ""
	}
	return "Précisément : " + strings.TrimSuffix(d.More, ".") + "."
}
