"""The few words around public notices, by language."""

WORDS = {
    "en": {
        "title": "Recall notices",
        "none": "No product of ours is recalled now.",
        "live": "Recalled: stop using it",
        "ended": "This notice has ended",
        "since": "Published",
        "all": "All notices",
    },
    "de": {
        "title": "Rückrufe",
        "none": "Zurzeit wird keines unserer Produkte zurückgerufen.",
        "live": "Zurückgerufen: nicht mehr verwenden",
        "ended": "Diese Bekanntmachung ist beendet",
        "since": "Veröffentlicht",
        "all": "Alle Rückrufe",
    },
    "es": {
        "title": "Avisos de retirada",
        "none": "Ahora no se retira ninguno de nuestros productos.",
        "live": "Retirado: deje de usarlo",
        "ended": "Este aviso ha terminado",
        "since": "Publicado",
        "all": "Todos los avisos",
    },
    "fr": {
        "title": "Avis de rappel",
        "none": "Aucun de nos produits n’est rappelé en ce moment.",
        "live": "Rappelé : cessez de l’utiliser",
        "ended": "Cet avis a pris fin",
        "since": "Publié",
        "all": "Tous les avis",
    },
    "ar": {
        "title": "إشعارات الاستدعاء",
        "none": "لا يوجد الآن أي منتج لنا مشمول باستدعاء.",
        "live": "مشمول بالاستدعاء: توقفوا عن استعماله",
        "ended": "انتهى هذا الإشعار",
        "since": "نُشر في",
        "all": "كل الإشعارات",
    },
}
