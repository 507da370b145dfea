"""Dates, times and durations as FEEL counts them: nanoseconds, years to ±999,999,999, zones kept by name.

All of these are immutable by convention, hashable, and compare equal only to their own kind.
``str`` and ``isoformat`` give the ISO 8601 text (DMN 1.5, clause 10.3.4.1).
"""

from __future__ import annotations

from engine.feel.civil import DAY, NANOSECONDS, YEAR_MAX, civil_from_day, day_from_civil, days_of_month, zone_offset


class Date:
    """A day: ``number`` counts days since 1970-01-01."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def of(cls, year: int, month: int, day: int) -> Date | None:
        """The date, or ``None`` when there is no such day."""
        if not (abs(year) <= YEAR_MAX and 1 <= month <= 12 and 1 <= day <= days_of_month(year, month)):
            return None
        return cls(day_from_civil(year, month, day))

    @property
    def civil(self) -> tuple[int, int, int]:
        """Year, month, day."""
        return civil_from_day(self.number)

    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.number + 3) % 7 + 1

    def isoformat(self) -> str:
        """``2026-09-21``."""
        year, month, day = self.civil
        return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"

    __str__ = __repr__ = isoformat

    def __eq__(self, other: object) -> bool:
        return type(other) is Date and self.number == other.number

    def __hash__(self) -> int:
        return hash(("date", self.number))


class Time:
    """A time of day: nanoseconds since midnight, and a zone: ``None``, seconds east of UTC, or a name."""

    __slots__ = ("nanoseconds", "zone")

    def __init__(self, nanoseconds: int, zone: int | str | None = None) -> None:
        self.nanoseconds = nanoseconds
        self.zone = zone

    def offset(self) -> int | None:
        """Seconds east of UTC, ``None`` for a local time."""
        return zone_offset(self.zone, 20_000, self.nanoseconds) if isinstance(self.zone, str) else self.zone

    def key(self) -> int:
        """What to compare by."""
        offset = self.offset()
        return self.nanoseconds if offset is None else self.nanoseconds - offset * NANOSECONDS

    def isoformat(self) -> str:
        """``09:00:00+08:00``."""
        return _clock_text(self.nanoseconds) + _zone_text(self.zone)

    __str__ = __repr__ = isoformat

    def __eq__(self, other: object) -> bool:
        return type(other) is Time and (self.zone is None) == (other.zone is None) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(("time", self.key()))


class DateTime:
    """A moment: a day, nanoseconds since its midnight, and a zone as in ``Time``."""

    __slots__ = ("nanoseconds", "number", "zone")

    def __init__(self, number: int, nanoseconds: int, zone: int | str | None = None) -> None:
        self.number = number
        self.nanoseconds = nanoseconds
        self.zone = zone

    @classmethod
    def from_local(cls, nanoseconds: int, zone: int | str | None) -> DateTime:
        """The moment this many nanoseconds of local time after 1970-01-01T00:00."""
        number, rest = divmod(nanoseconds, DAY)
        return cls(number, rest, zone)

    @property
    def civil(self) -> tuple[int, int, int]:
        """Year, month, day of the local date."""
        return civil_from_day(self.number)

    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.number + 3) % 7 + 1

    def offset(self) -> int | None:
        """Seconds east of UTC, ``None`` for a local moment."""
        return zone_offset(self.zone, self.number, self.nanoseconds) if isinstance(self.zone, str) else self.zone

    def local(self) -> int:
        """Nanoseconds of local time since 1970-01-01T00:00."""
        return self.number * DAY + self.nanoseconds

    def key(self) -> int:
        """What to compare by."""
        offset = self.offset()
        return self.local() if offset is None else self.local() - offset * NANOSECONDS

    def isoformat(self) -> str:
        """``2026-09-21T09:00:00+08:00``."""
        return f"{Date(self.number)}T{_clock_text(self.nanoseconds)}{_zone_text(self.zone)}"

    __str__ = __repr__ = isoformat

    def __eq__(self, other: object) -> bool:
        return type(other) is DateTime and (self.zone is None) == (other.zone is None) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(("date and time", self.key()))


class YearsMonthsDuration:
    """A years and months duration, counted in months."""

    __slots__ = ("months",)

    def __init__(self, months: int) -> None:
        self.months = months

    def isoformat(self) -> str:
        """``P1Y2M``."""
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        return f"{sign}P{f'{years}Y' if years else ''}{f'{months}M' if months or not years else ''}"

    __str__ = __repr__ = isoformat

    def __eq__(self, other: object) -> bool:
        return type(other) is YearsMonthsDuration and self.months == other.months

    def __hash__(self) -> int:
        return hash(("years and months duration", self.months))


class DaysTimeDuration:
    """A days and time duration, counted in nanoseconds."""

    __slots__ = ("nanoseconds",)

    def __init__(self, nanoseconds: int) -> None:
        self.nanoseconds = nanoseconds

    def isoformat(self) -> str:
        """``P1DT2H3M4.5S``."""
        total, fraction = divmod(abs(self.nanoseconds), NANOSECONDS)
        minutes, seconds = divmod(total, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        clock = f"{hours}H" if hours else ""
        clock += f"{minutes}M" if minutes else ""
        clock += f"{seconds}{_fraction_text(fraction)}S" if seconds or fraction else ""
        if not days and not clock:
            return "PT0S"
        return f"{'-' if self.nanoseconds < 0 else ''}P{f'{days}D' if days else ''}{'T' + clock if clock else ''}"

    __str__ = __repr__ = isoformat

    def __eq__(self, other: object) -> bool:
        return type(other) is DaysTimeDuration and self.nanoseconds == other.nanoseconds

    def __hash__(self) -> int:
        return hash(("days and time duration", self.nanoseconds))


def _fraction_text(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def _clock_text(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, NANOSECONDS)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return clock + _fraction_text(fraction)


def _zone_text(zone: int | str | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, str):
        return "@" + zone
    if zone == 0:
        return "Z"
    east = abs(zone)
    seconds = f":{east % 60:02d}" if east % 60 else ""
    return f"{'-' if zone < 0 else '+'}{east // 3600:02d}:{east // 60 % 60:02d}{seconds}"
