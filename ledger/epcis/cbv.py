"""The words of the Core Business Vocabulary 2.0, and the forms they come in.

* In JSON a CBV word is bare (``shipping``); any other value is a URI of another vocabulary.
* Partners still send ``urn:epcglobal:cbv:bizstep:shipping`` (EPCIS 1.x) or the words' web
  addresses; `plain_word` reads them all as the bare word.
* The words of sensor reports are those of the GS1 Web Vocabulary (MeasurementType and
  SensorAlertType).

https://ref.gs1.org/standards/cbv/2.0.0/ sections 7.1 to 7.7, EPCIS 2.0 section 7.3.7

>>> plain_word("bizStep", "urn:epcglobal:cbv:bizstep:shipping")
'shipping'
>>> plain_word("bizStep", "https://ref.gs1.org/cbv/BizStep-shipping")
'shipping'
>>> plain_word("bizStep", "https://example.com/steps/polishing") is None
True
"""

import re
from typing import Final, NamedTuple

from ledger.epcis.syntax import URI

__all__ = ["VOCABULARIES", "Vocabulary", "plain_word", "word_pattern"]


class Vocabulary(NamedTuple):
    """One list of words and what its words are called in the other forms."""

    words: frozenset[str]
    """The bare words."""
    urn: str
    """Their part of the 1.x URN, as in ``urn:epcglobal:cbv:<urn>:``."""
    web: str
    """Their part of the web address, as in ``https://ref.gs1.org/cbv/<web>``."""
    beyond: frozenset[str] = frozenset()
    """Words that GS1 defines but the EPCIS 2.0 schema forgot."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOCABULARIES: Final[dict[str, Vocabulary]] = {
    "bizStep": Vocabulary(
        _words("""
            accepting arriving assembling collecting commissioning consigning cycle_counting
            creating_class_instance decommissioning departing destroying disassembling dispensing
            encoding entering_exiting holding inspecting installing killing loading other packing
            picking receiving removing repackaging repairing replacing reserving retail_selling
            sampling sensor_reporting shipping staging_outbound stock_taking stocking storing
            transporting unloading unpacking void_shipping
        """),
        "bizstep",
        "BizStep-",
    ),
    "disposition": Vocabulary(
        _words("""
            active available completeness_inferred completeness_verified conformant
            container_closed container_open damaged destroyed dispensed disposed encoded expired
            in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity
            needs_replacement no_pedigree_match non_conformant non_sellable_other
            partially_dispensed recalled reserved retail_sold returned sellable_accessible
            sellable_not_accessible stolen unavailable unknown
        """),
        "disp",
        "Disp-",
    ),
    "bizTransaction": Vocabulary(
        _words("""
            bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt
        """),
        "btt",
        "BTT-",
    ),
    "source-destination": Vocabulary(
        _words("location owning_party possessing_party"), "sdt", "SDT-"
    ),
    "reason": Vocabulary(_words("did_not_occur incorrect_data"), "er", "ER-"),
    "component": Vocabulary(
        _words("""
            altitude axial_distance azimuth easting elevation_angle height latitude longitude
            northing polar_angle spherical_radius x y z
        """),
        "comp",
        "Comp-",
    ),
    "measurement": Vocabulary(
        _words("""
            AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
            AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum
            AngularVelocity Area Capacitance Conductance Conductivity Count Density Dimensionless
            DoseEquivalent DoseEquivalentRate DynamicViscosity ElectricCharge ElectricCurrent
            ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
            Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance
            LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity
            MagneticVectorPotential Mass MassConcentration MassFlowRate MassPerAreaTime
            MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure
            RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity
            SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque
            Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber
        """),
        "",
        "",
        _words("EffectiveDose EffectiveDoseRate"),
    ),
    "alert": Vocabulary(_words("ALARM_CONDITION ERROR_CONDITION"), "", ""),
}
"""The vocabularies by the field they belong to."""

# What is not "a URI of another vocabulary". The schema names the URN and ns.gs1.org; the words' own
# addresses (ref.gs1.org) are set apart too, so that they draw the same warning.
_OWN: Final = r"(?!urn:epcglobal:cbv|https?://(?:ns|ref)\.gs1\.org/cbv/)"
_OWN_SENSOR: Final = r"(?!https?://(?:www\.)?gs1\.org/voc/)"


def word_pattern(name: str) -> str:
    """Return the expression of a vocabulary's field: one of its words, or another's URI."""
    vocabulary = VOCABULARIES[name]
    own = _OWN if vocabulary.web else _OWN_SENSOR
    uri = URI.removeprefix(r"(?a)\A").removesuffix(r"\Z")
    return rf"(?a)\A(?:(?:{'|'.join(sorted(vocabulary.words))})\Z|{own}{uri}\Z)"


_CBV_FORM: Final = re.compile(
    r"(?i:urn:epcglobal:cbv:([a-z_]+):|(?:https?://(?:ref|ns)\.gs1\.org/cbv/|cbv:)([a-z]+-))(.+)\Z"
)
_VOC_FORM: Final = re.compile(r"(?:https?://(?:www\.)?gs1\.org/voc/|gs1:)(\w+)\Z", re.ASCII)


def plain_word(name: str, text: str) -> str | None:
    """Return the bare word that `text` spells in another form, or None when it is no such form.

    The word need not exist in CBV 2.0: ``urn:epcglobal:cbv:disp:sold`` is ``sold``.
    """
    vocabulary = VOCABULARIES[name]
    if not vocabulary.web:
        found = _VOC_FORM.match(text)
        return found[1] if found else None
    found = _CBV_FORM.match(text)
    if found is None:
        return None
    urn, web, word = found.groups()
    own = urn.lower() == vocabulary.urn if urn else web.lower() == vocabulary.web.lower()
    return word if own else None
