//! What a header says, under the words of the portal's bulk form, our own field names, and what people call it.

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    CommonName,
    AltNames,
    Profile,
    Term,
    KeyType,
    KeySize,
    Csr,
    Comments,
    ExternalRequester,
    /// Several custom fields in one cell: `Name=value; Name=value`.
    CustomFields,
    /// One custom field, by its name at SCM.
    Custom(String),
    FirstName,
    MiddleName,
    LastName,
    Email,
    Country,
    Province,
    Locality,
    Organization,
    Unit,
    /// The certificate to renew, replace or revoke.
    CertId,
    Reason,
    ReasonCode,
    /// Fields that SCM has given up: known, so that old files are read, and not used.
    Retired,
}

/// Every known header, folded. The first of a field is what a template shows, before folding.
const NAMES: &[(Field, &str, &[&str])] = &[
    (
        Field::CommonName,
        "Common Name",
        &[
            "cn",
            "commonnames",
            "sectigocsrdomain",
            "domain",
            "domainname",
            "fqdn",
            "host",
            "hostname",
            "sectigosslcertcommonname",
            "name",
        ],
    ),
    (
        Field::AltNames,
        "Subject Alternative Names",
        &[
            "san",
            "sans",
            "altnames",
            "altname",
            "alternativenames",
            "alternativename",
            "alternatenames",
            "subjectalternativename",
            "subjectalternatename",
            "subjectalternatenames",
            "subjectaltnames",
            "subjectaltname",
            "sectigosslcertsubjectaltnames",
            "dnsnames",
            "additionalnames",
        ],
    ),
    (
        Field::Profile,
        "Certificate Profile",
        &[
            "profile",
            "profileid",
            "certificateprofileid",
            "certificatetype",
            "certtype",
            "sectigosslcerttype",
            "sectigoclientcerttype",
        ],
    ),
    (
        Field::Term,
        "Term",
        &[
            "certificateterm",
            "certterm",
            "termdays",
            "termindays",
            "days",
            "validity",
            "validitydays",
            "validityperiod",
            "certificatevalidity",
            "sectigosslcertvalidity",
            "sectigoclientcertvalidity",
        ],
    ),
    (
        Field::KeyType,
        "Key Type",
        &[
            "keyalgorithm",
            "keyalgo",
            "publickeyalgorithm",
            "algorithm",
            "sectigocsrkeyalgo",
        ],
    ),
    (
        Field::KeySize,
        "Key Size",
        &[
            "keybits",
            "keylength",
            "keysizecurve",
            "keysizeorcurve",
            "keyparam",
            "curve",
            "bits",
            "sectigocsrkeysize",
        ],
    ),
    (
        Field::Csr,
        "CSR",
        &["sectigocsr", "certificatesigningrequest", "pkcs10"],
    ),
    (
        Field::Comments,
        "Comments",
        &[
            "comment",
            "note",
            "notes",
            "remarks",
            "sectigosslcertcomments",
        ],
    ),
    (
        Field::ExternalRequester,
        "External Requester",
        &[
            "externalrequesters",
            "externalrequesteremail",
            "requester",
            "requesteremail",
            "sectigosslcertexternalrequester",
        ],
    ),
    (
        Field::CustomFields,
        "Custom Fields",
        &[
            "customfield",
            "sectigosslcertcustomfields",
            "sectigoclientcertcustomfields",
        ],
    ),
    (
        Field::FirstName,
        "First Name",
        &[
            "firstname",
            "givenname",
            "forename",
            "sectigoclientcertfirstname",
        ],
    ),
    (
        Field::MiddleName,
        "Middle Name",
        &["sectigoclientcertmiddlename"],
    ),
    (
        Field::LastName,
        "Last Name",
        &["surname", "familyname", "sectigoclientcertlastname"],
    ),
    (
        Field::Email,
        "E-mail",
        &[
            "emailaddress",
            "mail",
            "sectigoclientcertemail",
            "sectigocsremailaddress",
        ],
    ),
    (
        Field::Country,
        "Country",
        &["c", "countrycode", "sectigocsrcountry"],
    ),
    (
        Field::Province,
        "State",
        &["st", "province", "stateorprovince", "sectigocsrstate"],
    ),
    (
        Field::Locality,
        "Locality",
        &["l", "location", "city", "town", "sectigocsrlocation"],
    ),
    (
        Field::Organization,
        "Organization",
        &["o", "organisation", "company", "sectigocsrorganization"],
    ),
    (
        Field::Unit,
        "Organizational Unit",
        &[
            "ou",
            "department",
            "organizationunit",
            "organisationalunit",
            "sectigocsrorganizationunit",
        ],
    ),
    (
        Field::CertId,
        "Certificate ID",
        &["id", "certid", "sectigocertuniqueid", "certificateuniqueid"],
    ),
    (
        Field::Reason,
        "Reason",
        &[
            "revokereason",
            "revocationreason",
            "replacereason",
            "sectigorevokereason",
            "sectigoreplacereason",
        ],
    ),
    (
        Field::ReasonCode,
        "Reason Code",
        &["revocationreasoncode", "sectigorevokereasoncode"],
    ),
    (
        Field::Retired,
        "Server Software",
        &[
            "serversoftware",
            "servertype",
            "numservers",
            "numberofservers",
            "sectigosslcertnumservers",
            "sectigosslcertservertype",
        ],
    ),
];

impl Field {
    /// How a template heads the column.
    pub fn title(&self) -> &str {
        match self {
            Self::Custom(name) => name,
            _ => NAMES
                .iter()
                .find(|(field, ..)| field == self)
                .map_or("", |(_, title, _)| title),
        }
    }

    pub(super) fn of(header: &str) -> Option<Self> {
        if let Some(name) = custom_name(header) {
            return Some(Self::Custom(name.to_owned()));
        }
        let folded = fold(header);
        NAMES
            .iter()
            .find(|(_, title, others)| fold(title) == folded || others.contains(&folded.as_str()))
            .map(|(field, ..)| field.clone())
    }
}

/// Lower case, letters and digits only: spaces, underscores, hyphens, stars and brackets do not count.
fn fold(header: &str) -> String {
    header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The name in `Custom Field: Cost Centre`.
fn custom_name(header: &str) -> Option<&str> {
    let (prefix, name) = header.split_once(':')?;
    let name = name.trim();
    (matches!(fold(prefix).as_str(), "customfield" | "custom" | "cf") && !name.is_empty())
        .then_some(name)
}

/// The known header that was probably meant.
pub(super) fn nearest(header: &str) -> Option<&'static str> {
    let folded = fold(header);
    let allowed = match folded.chars().count() {
        0..=3 => return None,
        4..=6 => 1,
        _ => 2,
    };
    NAMES
        .iter()
        .flat_map(|(_, title, others)| {
            others
                .iter()
                .map(|other| strsim::damerau_levenshtein(other, &folded))
                .chain([strsim::damerau_levenshtein(&fold(title), &folded)])
                .map(move |distance| (distance, *title))
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut seen = std::collections::HashSet::new();
        for (field, title, others) in NAMES {
            for name in others
                .iter()
                .map(|other| (*other).to_owned())
                .chain([fold(title)])
            {
                assert_eq!(fold(&name), name);
                // `firstname` may stand for its own title, never for another field.
                assert!(
                    seen.insert(name.clone()) || fold(title) == name,
                    "{name} of {field:?}"
                );
            }
        }
    }
}
