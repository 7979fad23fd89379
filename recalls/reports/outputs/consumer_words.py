"""What every consumer notice says around its own text, by language.

Regulation (EU) 2023/988, Article 36: how to go on, that the news is to be shared; Article 37: the
remedies. Words that make a hazard seem smaller have no place in it. The headline is with the texts.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    product: str
    brand: str
    batches: str
    batch: str
    until: str
    where: str
    sold_in: str
    sold_by: str
    hazard: str
    todo: str
    stop: str
    remedies: str
    choice: str
    free: str
    contact: str
    phone: str
    email: str
    check: str
    share: str
    reference: str
    page: str
    drill: str
    drill_mark: str


WORDS = {
    "en": Words(
        product="Product",
        brand="Brand",
        batches="Batch numbers",
        batch="Batch number",
        until="Best before",
        where="The number is printed on the pack, often near the date. Compare it letter by "
        "letter. If you cannot read it, treat the product as recalled.",
        sold_in="Sold in",
        sold_by="Placed on the market by",
        hazard="The danger",
        todo="What to do",
        stop="Stop using the product immediately.",
        remedies="What you get",
        choice="You may choose: your money back, at least the price that you paid, or a "
        "replacement of the same type, value and quality.",
        free="It costs you nothing. If a replacement takes too long, you get your money back.",
        contact="Questions and answers",
        phone="Free telephone",
        email="E-mail",
        check="Check your batch",
        share="Please tell other people who may have this product.",
        reference="Reference",
        page="Page {number} of {total}",
        drill="DRILL {reference}. This is an exercise. Nothing is wrong with the product.",
        drill_mark="DRILL",
    ),
    "de": Words(
        product="Produkt",
        brand="Marke",
        batches="Chargennummern",
        batch="Chargennummer",
        until="Mindestens haltbar bis",
        where="Die Nummer steht auf der Packung, oft beim Datum. Vergleichen Sie Zeichen für "
        "Zeichen. Wenn Sie sie nicht lesen können, behandeln Sie das Produkt als zurückgerufen.",
        sold_in="Verkauft in",
        sold_by="In Verkehr gebracht von",
        hazard="Die Gefahr",
        todo="Was Sie tun sollen",
        stop="Verwenden Sie das Produkt ab sofort nicht mehr.",
        remedies="Was Sie erhalten",
        choice="Sie haben die Wahl: Ihr Geld zurück, mindestens den bezahlten Preis, oder Ersatz "
        "gleicher Art, gleichen Werts und gleicher Qualität.",
        free="Es kostet Sie nichts. Dauert der Ersatz zu lange, erhalten Sie Ihr Geld zurück.",
        contact="Fragen und Antworten",
        phone="Gebührenfreies Telefon",
        email="E-Mail",
        check="Prüfen Sie Ihre Charge",
        share="Bitte sagen Sie es anderen weiter, die dieses Produkt haben könnten.",
        reference="Aktenzeichen",
        page="Seite {number} von {total}",
        drill="ÜBUNG {reference}. Dies ist eine Übung. Dem Produkt fehlt nichts.",
        drill_mark="ÜBUNG",
    ),
    "es": Words(
        product="Producto",
        brand="Marca",
        batches="Números de lote",
        batch="Número de lote",
        until="Consumir preferentemente antes de",
        where="El número está impreso en el envase, a menudo junto a la fecha. Compárelo signo por "
        "signo. Si no puede leerlo, trate el producto como afectado.",
        sold_in="Vendido en",
        sold_by="Comercializado por",
        hazard="El peligro",
        todo="Qué debe hacer",
        stop="Deje de utilizar el producto inmediatamente.",
        remedies="Qué recibe usted",
        choice="Puede elegir: la devolución de su dinero, como mínimo el precio que pagó, o un "
        "producto de sustitución del mismo tipo, valor y calidad.",
        free="No le cuesta nada. Si la sustitución tarda demasiado, se le devuelve su dinero.",
        contact="Preguntas y respuestas",
        phone="Teléfono gratuito",
        email="Correo electrónico",
        check="Compruebe su lote",
        share="Avise a otras personas que puedan tener este producto.",
        reference="Referencia",
        page="Página {number} de {total}",
        drill="SIMULACRO {reference}. Es un ejercicio. El producto no tiene ningún problema.",
        drill_mark="SIMULACRO",
    ),
    "fr": Words(
        product="Produit",
        brand="Marque",
        batches="Numéros de lot",  # may say lot
        batch="Numéro de lot",  # may say lot
        until="À consommer de préférence avant le",
        where="Le numéro est imprimé sur l’emballage, souvent près de la date. Comparez-le signe "
        "par signe. Si vous ne pouvez pas le lire, considérez le produit comme rappelé.",
        sold_in="Vendu en",
        sold_by="Mis sur le marché par",
        hazard="Le danger",
        todo="Ce que vous devez faire",
        stop="Cessez immédiatement d’utiliser le produit.",
        remedies="Ce que vous recevez",
        choice="Vous avez le choix : le remboursement, au moins du prix payé, ou un produit de "
        "remplacement de même type, de même valeur et de même qualité.",
        free="Cela ne vous coûte rien. Si le remplacement tarde trop, vous êtes remboursé.",
        contact="Questions et réponses",
        phone="Téléphone gratuit",
        email="Courriel",
        check="Vérifiez votre lot",  # may say lot
        share="Prévenez les autres personnes qui pourraient avoir ce produit.",
        reference="Référence",
        page="Page {number} sur {total}",
        drill="EXERCICE {reference}. Ceci est un exercice. Le produit n’a aucun défaut.",
        drill_mark="EXERCICE",
    ),
    "ar": Words(
        product="المنتج",
        brand="العلامة التجارية",
        batches="أرقام التشغيلات",
        batch="رقم التشغيلة",
        until="يُفضّل استهلاكه قبل",
        where="الرقم مطبوع على العبوة، وغالبًا قرب التاريخ. طابقوه رمزًا رمزًا. إذا لم تستطيعوا "
        "قراءته فتعاملوا مع المنتج على أنه مشمول بالاستدعاء.",
        sold_in="بيع في",
        sold_by="طرحه في السوق",
        hazard="الخطر",
        todo="ما يجب فعله",
        stop="توقفوا عن استعمال المنتج فورًا.",
        remedies="ما تحصلون عليه",
        choice="لكم أن تختاروا: استرداد نقودكم، على الأقل الثمن الذي دفعتموه، أو بديلًا من النوع "
        "والقيمة والجودة نفسها.",
        free="لا يكلفكم ذلك شيئًا. إذا تأخر البديل كثيرًا فتستردون نقودكم.",
        contact="أسئلة وأجوبة",
        phone="هاتف مجاني",
        email="البريد الإلكتروني",
        check="افحصوا تشغيلتكم",
        share="يُرجى إبلاغ الآخرين الذين قد يكون لديهم هذا المنتج.",
        reference="الرقم المرجعي",
        page="صفحة {number} من {total}",
        drill="تمرين {reference}. هذا تدريب. المنتج سليم.",
        drill_mark="تمرين",
    ),
}
