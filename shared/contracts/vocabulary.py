"""The code lists of the published language. All are open: an unknown code is taken with a warning and kept as sent."""

from enum import StrEnum


class Rechtskreis(StrEnum):
    """Rechtskreis: das Gesetz, nach dem der Vorgang geführt wird (`NONE` = keiner)."""

    SGB2 = "SGB2"
    SGB3 = "SGB3"
    SGB8 = "SGB8"
    SGB12 = "SGB12"
    AUFENTHG = "AUFENTHG"
    ASYLBLG = "ASYLBLG"
    SCHOOL = "SCHOOL"
    LAND = "LAND"
    NONE = "NONE"


class LegalBasis(StrEnum):
    """Rechtsgrundlage der Verarbeitung, als Gesetz und Paragraf."""

    SGB2_16 = "SGB2_16"
    SGB2_50 = "SGB2_50"
    SGB3_81 = "SGB3_81"
    SGB8_13 = "SGB8_13"
    SGB12_67 = "SGB12_67"
    AUFENTHG_43 = "AUFENTHG_43"
    AUFENTHG_45A = "AUFENTHG_45A"
    ASYLBLG_5 = "ASYLBLG_5"
    TINTG_9 = "TINTG_9"
    SCHULG = "SCHULG"
    CONSENT = "CONSENT"


class Purpose(StrEnum):
    """Zweck der Verarbeitung: Fallführung, Statistik, wissenschaftliche Begleitung."""

    CASE_MANAGEMENT = "CASE_MANAGEMENT"
    STATISTICS = "STATISTICS"
    SCIENCE = "SCIENCE"


class Sex(StrEnum):
    """Geschlecht, wie es im Personenstand geführt wird."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    DIVERSE = "DIVERSE"
    UNKNOWN = "UNKNOWN"


class ResidenceClass(StrEnum):
    """Aufenthaltsklasse (nie der Titel selbst): gestattet, geduldet, Schutz, Bleiberecht, verfestigt, Fiktion."""

    GESTATTET = "GESTATTET"
    GEDULDET = "GEDULDET"
    SCHUTZ = "SCHUTZ"
    BLEIBERECHT = "BLEIBERECHT"
    VERFESTIGT = "VERFESTIGT"
    FIKTION = "FIKTION"
    UNKNOWN = "UNKNOWN"


class Benefit(StrEnum):
    """Leistungssystem, aus dem der Lebensunterhalt bestritten wird."""

    NONE = "NONE"
    ASYLBLG_GRUND = "ASYLBLG_GRUND"
    ASYLBLG_ANALOG = "ASYLBLG_ANALOG"
    SGB2 = "SGB2"
    SGB3_ALG = "SGB3_ALG"
    SGB8 = "SGB8"
    SGB12 = "SGB12"
    BAFOEG_BAB = "BAFOEG_BAB"
    EARNINGS = "EARNINGS"


class Goal(StrEnum):
    """Individuelles Ziel (Perspektive): Ausbildung, Arbeit, Schule, Studium, Sprache."""

    TRAINING = "TRAINING"
    EMPLOYMENT = "EMPLOYMENT"
    SCHOOL = "SCHOOL"
    STUDY = "STUDY"
    LANGUAGE = "LANGUAGE"


class ContactKind(StrEnum):
    """Wer das Gespräch geführt hat: Fachkraft oder Ehrenamtliche."""

    PROFESSIONAL = "professional"
    VOLUNTEER = "volunteer"


class Exit(StrEnum):
    """Austrittsgrund: warum eine Maßnahme zu Ende ging."""

    COMPLETED_GOAL = "COMPLETED_GOAL"
    COMPLETED_NO_RESULT = "COMPLETED_NO_RESULT"
    EARLY_EMPLOYMENT = "EARLY_EMPLOYMENT"
    EARLY_TRAINING = "EARLY_TRAINING"
    EARLY_SCHOOL = "EARLY_SCHOOL"
    TRANSFER = "TRANSFER"
    DROPOUT_PERSON = "DROPOUT_PERSON"
    EXCLUDED = "EXCLUDED"
    ABSENCE = "ABSENCE"
    HEALTH = "HEALTH"
    PARENTAL = "PARENTAL"
    CHILDCARE = "CHILDCARE"
    MOVED = "MOVED"
    STATUS_CHANGE = "STATUS_CHANGE"
    WORK_BAN = "WORK_BAN"
    PROVIDER_CANCELLED = "PROVIDER_CANCELLED"
    DEPARTED_VOLUNTARY = "DEPARTED_VOLUNTARY"
    DEPORTED = "DEPORTED"
    DETAINED = "DETAINED"
    DECEASED = "DECEASED"
    NO_SHOW = "NO_SHOW"
    UNKNOWN = "UNKNOWN"


class Destination(StrEnum):
    """Verbleib nach der Maßnahme."""

    EMP_UNSUB = "EMP_UNSUB"
    EMP_SUB = "EMP_SUB"
    MINIJOB = "MINIJOB"
    SELF = "SELF"
    TRAIN_COMPANY = "TRAIN_COMPANY"
    TRAIN_SCHOOL = "TRAIN_SCHOOL"
    BAE = "BAE"
    EQ = "EQ"
    SCHOOL = "SCHOOL"
    STUDY = "STUDY"
    LANG = "LANG"
    OTHER_MEASURE = "OTHER_MEASURE"
    VOLUNTARY_SERVICE = "VOLUNTARY_SERVICE"
    JOBSEEKING = "JOBSEEKING"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    DEPARTED = "DEPARTED"
    UNKNOWN = "UNKNOWN"


class LanguageLevel(StrEnum):
    """Sprachniveau nach dem Gemeinsamen Europäischen Referenzrahmen; `A0` = unter A1."""

    A0 = "A0"
    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


class TestSource(StrEnum):
    """Woher das Sprachniveau kommt: Prüfung, Einstufung, Schätzung."""

    TEST = "test"
    PLACEMENT = "placement"
    ESTIMATE = "estimate"


class Certificate(StrEnum):
    """Abschluss: Hauptschule 9/10, Fachoberschulreife, Fachhochschulreife, Abitur, Beruf, Teilqualifikation."""

    HSA9 = "HSA9"
    HSA10 = "HSA10"
    FOR = "FOR"
    FHR = "FHR"
    AHR = "AHR"
    VOC = "VOC"
    TQ = "TQ"
    OTHER = "OTHER"


class EmploymentKind(StrEnum):
    """Art der Beschäftigung."""

    REGULAR = "REGULAR"
    SUBSIDISED = "SUBSIDISED"
    SELF = "SELF"
    MINIJOB = "MINIJOB"
    INTERNSHIP = "INTERNSHIP"
    VOLUNTARY = "VOLUNTARY"


class TrainingKind(StrEnum):
    """Art der Ausbildung: betrieblich, schulisch, Studium."""

    COMPANY = "COMPANY"
    SCHOOL = "SCHOOL"
    STUDY = "STUDY"


class Body(StrEnum):
    """Art der Stelle, die meldet oder berät."""

    JOBCENTER = "JOBCENTER"
    AGENTUR = "AGENTUR"
    SOZIALAMT = "SOZIALAMT"
    JUGENDAMT = "JUGENDAMT"
    AUSLAENDERBEHOERDE = "AUSLAENDERBEHOERDE"
    SCHOOL = "SCHOOL"
    PROVIDER = "PROVIDER"
    KI = "KI"
    JMD = "JMD"
    OTHER = "OTHER"


class Category(StrEnum):
    """Maßnahmekategorie: Sprache, Schule, Aktivierung, Berufsvorbereitung, Arbeitsgelegenheit, Beruf, …"""

    LANG = "LANG"
    SCHOOL = "SCHOOL"
    ACT = "ACT"
    PREVOC = "PREVOC"
    WORKOPP = "WORKOPP"
    VOC = "VOC"
    EMPSUB = "EMPSUB"
    COUNSEL = "COUNSEL"
    BENEFIT = "BENEFIT"


class Severity(StrEnum):
    """Schwere eines Befunds: Hinweis, Warnung, dringend."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class EndReason(StrEnum):
    """Warum ein Befund endet: von selbst, im größeren aufgegangen, Fortzug, Altersgrenze."""

    ENDED = "ended"
    SUBSUMED = "subsumed"
    LEFT = "left"
    AGE_LIMIT = "age_limit"


class DataCategory(StrEnum):
    """Datenkategorie, über die eine Einwilligung spricht."""

    STATUS = "STATUS"
    BENEFITS = "BENEFITS"
    MEASURES = "MEASURES"
    LANGUAGE = "LANGUAGE"
    EDUCATION = "EDUCATION"
    EMPLOYMENT = "EMPLOYMENT"
    COUNSELLING = "COUNSELLING"
    FINDINGS = "FINDINGS"


class CancelReason(StrEnum):
    """Warum eine Maßnahme nicht stattfand."""

    PROVIDER_CANCELLED = "PROVIDER_CANCELLED"
    TOO_FEW_PARTICIPANTS = "TOO_FEW_PARTICIPANTS"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"
    NO_FUNDING = "NO_FUNDING"
    OTHER = "OTHER"


class ErasureReason(StrEnum):
    """Warum gelöscht wurde: auf Antrag (Art. 17 DSGVO), Frist abgelaufen, irrtümlich erfasst."""

    REQUESTED = "REQUESTED"
    RETENTION_ENDED = "RETENTION_ENDED"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"


class RestrictionReason(StrEnum):
    """Warum die Verarbeitung eingeschränkt ist (Art. 18 I DSGVO): bestritten, unrechtmäßig, Ansprüche, Widerspruch."""

    ACCURACY_CONTESTED = "ACCURACY_CONTESTED"
    UNLAWFUL = "UNLAWFUL"
    LEGAL_CLAIMS = "LEGAL_CLAIMS"
    OBJECTION = "OBJECTION"


class SchoolLeaving(StrEnum):
    """Höchster Schulabschluss bei der Erfassung, auch im Ausland erworben."""

    NONE = "NONE"
    PRIMARY = "PRIMARY"
    HSA9 = "HSA9"
    HSA10 = "HSA10"
    FOR = "FOR"
    FHR = "FHR"
    AHR = "AHR"
    UNKNOWN = "UNKNOWN"
